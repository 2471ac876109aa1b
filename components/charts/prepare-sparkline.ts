/**
 * The path of a small line through `values`, oldest first, in a box of `width` × `height` units:
 * zero lies on the ground, the largest value touches the ceiling. Null for fewer than two values.
 */
export function prepareSparkline(
  values: readonly number[],
  width: number,
  height: number,
): { readonly line: string; readonly area: string } | null {
  if (values.length < 2) return null;
  const max = Math.max(...values.map((value) => (Number.isFinite(value) ? value : 0)), 0);
  const step = width / (values.length - 1);
  const points = values.map((value, index) => {
    const share = max === 0 || !Number.isFinite(value) ? 0 : Math.max(0, value) / max;
    return `${round(index * step)} ${round(height - share * height)}`;
  });
  const line = `M${points.join('L')}`;
  return { line, area: `${line}L${round(width)} ${round(height)}L0 ${round(height)}Z` };
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
