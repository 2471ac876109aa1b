import { describe, expect, it } from 'vitest';
import { canaryInput } from '#server/guard/contract.ts';
import { makeMarker } from './make-marker.ts';

describe('makeMarker', () => {
  it('spells every byte with two digits', () => {
    expect(makeMarker((bytes) => void bytes.fill(7))).toBe(`cnry-${'07'.repeat(12)}`);
  });

  it('is a marker that can be registered, and never the same', () => {
    const made = Array.from({ length: 100 }, () =>
      makeMarker((bytes) => void crypto.getRandomValues(bytes)),
    );
    expect(new Set(made).size).toBe(100);
    for (const marker of made) {
      expect(canaryInput.safeParse({ name: 'n', marker, homes: [] }).success).toBe(true);
    }
  });
});
