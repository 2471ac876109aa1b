import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  instructionSignatures,
  markerSignatures,
} from '#server/guard/internal/instruction-signatures.ts';
import { type CueSet, mayMatch, requiredCues } from './required-cues.ts';

/** All class letters of `cues`, as the reading of a text gives them. */
function setOf(cues: string): CueSet {
  let upper = 0;
  let lower = 0;
  for (const char of cues) {
    const code = char.charCodeAt(0);
    if (code >= 96) lower |= 1 << (code & 31);
    else if (code >= 64) upper |= 1 << (code & 31);
  }
  return { upper, lower };
}

const may = (pattern: RegExp, cues: string) => mayMatch(requiredCues(pattern), setOf(cues));

describe('requiredCues', () => {
  it.each([
    ['letters', /OI/g, 'OI', 'O.'],
    ['letters apart', /O[^|:]{0,5}I/g, 'O..I', '..I'],
    ['one of several', /[PAY]I/g, 'AI', 'OI'],
    ['either side', /Y[^|]{0,3}a|W/g, 'W', 'aO'],
    ['letters at a bound', /(?:^|\|)O[Vv]/g, 'Ov', 'OP'],
    ['repeated letters', /a{1,2}R/g, 'aR', 'RO'],
  ])('knows that %s must occur', (_, pattern, with_, without) => {
    expect(may(pattern, with_)).toBe(true);
    expect(may(pattern, without)).toBe(false);
  });

  it.each([
    ['what may be left out', /[BP]t?T/g, 'BT'],
    ['what may be left out by count', /O[P]{0,2}T/g, 'OT'],
    ['what a group holds', /T(?:aO|e){0,1}/g, 'T'],
    ['what is only looked for', /N(?=[|:])/g, 'N'],
    ['marks', /N\.:["]/g, 'N'],
    ['a side without letters', /O|[^|]/g, 'x'],
  ])('does not ask for %s', (_, pattern, cues) => {
    expect(may(pattern, cues)).toBe(true);
  });

  it('never leaves out a signature that matches', () => {
    const patterns = [
      ...instructionSignatures.map(({ pattern }) => pattern),
      ...markerSignatures.flatMap(({ hint }) => (hint instanceof RegExp ? [hint] : [])),
    ];
    const letters = Array.from('OPAIYTUCBVvWuMgFlNGDEejihtnsSfXxkaRdwopyzKJQLcqrbZHm@.|:"');
    const cueText = fc
      .array(fc.constantFrom(...letters), { minLength: 12, maxLength: 40, size: 'max' })
      .map((list) => `${list.join('')}|`);
    let matched = 0;
    fc.assert(
      fc.property(cueText, (cues) => {
        for (const pattern of patterns) {
          if (!new RegExp(pattern.source).test(cues)) continue;
          matched += 1;
          expect(may(pattern, cues), `${pattern} in ${cues}`).toBe(true);
        }
      }),
      { numRuns: 2000 },
    );
    expect(matched).toBeGreaterThan(5000);
  });
});
