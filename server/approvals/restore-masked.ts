import { AppError } from '#server/kernel/errors.ts';
import { canonicalise } from '#server/permits/canonicalise.ts';

/**
 * What an editor wrote, with the credentials that they were shown masked put back: wherever the edited
 * value still is what was shown, it is what was sealed. A mask inside a text that was changed stands
 * for nothing that the editor has seen, and is refused. Pure.
 * @param edited what the editor wrote
 * @param shown what the editor was shown
 * @param sealed the same value before it was masked
 * @param masks the texts that stand for credentials in `shown`
 * @throws AppError `unprocessable`
 */
export function restoreMasked(
  edited: unknown,
  shown: unknown,
  sealed: unknown,
  masks: readonly string[],
): unknown {
  if (shown !== undefined && canonicalise(edited) === canonicalise(shown)) return sealed;
  if (typeof edited === 'string') return refuseMask(edited, masks);
  if (Array.isArray(edited)) {
    const [before, whole] = [listOf(shown), listOf(sealed)];
    return (edited as unknown[]).map((item, index) =>
      restoreMasked(item, before[index], whole[index], masks),
    );
  }
  if (typeof edited !== 'object' || edited === null) return edited;
  // Masking keeps the order of keys, so the sealed key of a shown one stands at the same place.
  const sealedEntries = entriesOf(sealed);
  const places = new Map(entriesOf(shown).map(([key, value], index) => [key, { value, index }]));
  return Object.fromEntries(
    Object.entries(edited).map(([key, item]) => {
      const place = places.get(key);
      const [name, whole] = (place && sealedEntries[place.index]) ?? [refuseMask(key, masks)];
      return [name, restoreMasked(item, place?.value, whole, masks)];
    }),
  );
}

function refuseMask(text: string, masks: readonly string[]): string {
  if (!masks.some((mask) => text.includes(mask))) return text;
  throw new AppError(
    'unprocessable',
    'A text with a masked credential was changed; leave it as it is, or replace the whole of it.',
  );
}

const listOf = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : []);

const entriesOf = (value: unknown): (readonly [string, unknown])[] =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? Object.entries(value) : [];
