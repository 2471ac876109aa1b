/** The share of the list, in percent: neither part becomes too narrow to read. */
export const shareMin = 20;
export const shareMax = 70;
const step = 2;
const stepLarge = 10;

/** The nearest share that both parts can live with; NaN stays NaN. */
export function clampShare(share: number): number {
  return Math.min(shareMax, Math.max(shareMin, share));
}

/** Where a key moves the line (the keys of a WAI-ARIA separator); null for any other key. */
export function shareAfterKey(share: number, key: string, isLarge: boolean): number | null {
  const by = isLarge ? stepLarge : step;
  switch (key) {
    case 'ArrowLeft':
      return clampShare(share - by);
    case 'ArrowRight':
      return clampShare(share + by);
    case 'Home':
      return shareMin;
    case 'End':
      return shareMax;
    default:
      return null;
  }
}
