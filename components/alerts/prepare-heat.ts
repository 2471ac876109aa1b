/** Strength of a cell's tint in per cent: by the logarithm, so that one flood leaves the others visible. */
export function prepareHeat(count: number, most: number): number {
  if (count <= 0) return 0;
  const share = most <= 1 ? 1 : Math.log1p(count) / Math.log1p(most);
  return Math.round(10 + 35 * Math.min(1, share));
}
