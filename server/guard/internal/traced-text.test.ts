import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { TracedText } from './traced-text.ts';

describe('TracedText', () => {
  it('leads what was put in place back to what stood there, through several steps', () => {
    const traced = new TracedText('one two three');
    traced.rewrite([{ start: 4, end: 7, mark: '2' }]);
    traced.rewrite([{ start: 2, end: 5, mark: '…' }]);
    expect(traced.text).toBe('on… three');
    expect(traced.originOf(2, 3)).toEqual({ start: 2, end: 7 });
    expect(traced.originOf(4, 9)).toEqual({ start: 8, end: 13 });
  });

  it('knows the place of every character that stayed', () => {
    const cuts = fc.array(fc.tuple(fc.nat(4), fc.nat(4), fc.string({ maxLength: 4 })));
    fc.assert(
      fc.property(fc.string({ minLength: 40 }), fc.array(cuts, { maxLength: 3 }), (text, steps) => {
        // Marks are of private-use characters, so that what stayed can be told from them.
        const traced = new TracedText(text.replaceAll('\ue000', ''));
        const original = traced.text;
        for (const step of steps) {
          let from = 0;
          const rewrites = step.flatMap(([gap, length, mark]) => {
            const start = from + gap;
            from = start + length;
            const stands = { start, end: from, mark: '\ue000'.repeat(mark.length) };
            return from <= traced.text.length ? [stands] : [];
          });
          traced.rewrite(rewrites.filter(({ start, end }) => end > start));
        }
        for (const [at, char] of traced.text.split('').entries()) {
          const { start, end } = traced.originOf(at, at + 1);
          if (char !== '\ue000') expect(original.slice(start, end)).toBe(char);
          else expect(end).toBeGreaterThan(start);
        }
      }),
    );
  });
});
