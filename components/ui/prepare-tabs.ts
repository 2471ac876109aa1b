/** The tab that a key leads to from the open one, around the ends; null for any other key. */
export function tabAfterKey(openIndex: number, count: number, key: string): number | null {
  switch (key) {
    case 'ArrowRight':
      return (openIndex + 1) % count;
    case 'ArrowLeft':
      return (openIndex - 1 + count) % count;
    case 'Home':
      return 0;
    case 'End':
      return count - 1;
    default:
      return null;
  }
}
