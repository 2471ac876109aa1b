import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatCount } from './format-quantity.ts';
import {
  chipName,
  countLines,
  cutUntrustedText,
  joinUntrustedTokens,
  readChip,
  splitUntrustedText,
} from './split-untrusted-text.ts';

/** A readable form: chips as ‹U+XXXX›, with × for runs and ⏎ for breaks. */
function draw(text: string): string {
  return splitUntrustedText(text)
    .map((token) => {
      if (token.kind === 'text') return token.text;
      const run = token.count > 1 ? `×${token.count}` : '';
      return `‹${chipName(token.codePoint)}${run}${token.isBreak ? '⏎' : ''}›`;
    })
    .join('');
}

describe('splitUntrustedText', () => {
  it.each([
    ['nothing', '', ''],
    ['plain words', 'send 5 EUR', 'send 5 EUR'],
    ['markup stays text', '<b onclick=x>&amp;</b>', '<b onclick=x>&amp;</b>'],
    ['a typed chip stays text', 'U+202E', 'U+202E'],
    ['accents, CJK, emoji', 'Ünï 漢字 😀', 'Ünï 漢字 😀'],
    ['Arabic and Hebrew letters', 'שלום سلام', 'שלום سلام'],
    ['line feed', 'a\nb', 'a‹U+000A⏎›b'],
    ['carriage return and line feed', 'a\r\nb', 'a‹U+000D›‹U+000A⏎›b'],
    ['lone carriage return', 'a\rb', 'a‹U+000D⏎›b'],
    ['tab', 'a\tb', 'a‹U+0009›b'],
    ['escape sequence', '\u001b[31mred', '‹U+001B›[31mred'],
    ['null', 'a\u0000b', 'a‹U+0000›b'],
    ['next line', 'a\u0085b', 'a‹U+0085⏎›b'],
    ['line and paragraph separator', 'a\u2028b\u2029c', 'a‹U+2028⏎›b‹U+2029⏎›c'],
    ['right-to-left override', 'a\u202eb', 'a‹U+202E›b'],
    ['isolates', '\u2066x\u2069', '‹U+2066›x‹U+2069›'],
    ['zero width', 'pa\u200by\u200dpal\ufeff', 'pa‹U+200B›y‹U+200D›pal‹U+FEFF›'],
    ['soft hyphen', 'a\u00adb', 'a‹U+00AD›b'],
    ['no-break space', 'a\u00a0b', 'a‹U+00A0›b'],
    ['ideographic space', 'a\u3000b', 'a‹U+3000›b'],
    ['hair space', 'a\u200ab', 'a‹U+200A›b'],
    ['variation selector', '❤\ufe0f', '❤‹U+FE0F›'],
    ['supplementary variation selector', 'a\u{e0101}', 'a‹U+E0101›'],
    ['Mongolian variation selector', 'a\u180b', 'a‹U+180B›'],
    ['tags', '\u{e0041}\u{e0042}', '‹U+E0041›‹U+E0042›'],
    ['private use', '\ue000', '‹U+E000›'],
    ['unassigned', '\u{0378}', '‹U+0378›'],
    ['non-character', '\ufffe', '‹U+FFFE›'],
    ['lone surrogate', 'a\ud800b', 'a‹U+D800›b'],
    ['three in a row stay three', '\n\n\n', '‹U+000A⏎›‹U+000A⏎›‹U+000A⏎›'],
    ['four in a row become one', 'a\n\n\n\nb', 'a‹U+000A×4⏎›b'],
    ['a long run', 'a' + '\n'.repeat(10_000) + 'b', 'a‹U+000A×10000⏎›b'],
    ['runs of different ones', '\u200b'.repeat(5) + '\u200c', '‹U+200B×5›‹U+200C›'],
    ['returns before a feed', '\r\r\r\r\n', '‹U+000D⏎›‹U+000D⏎›‹U+000D⏎›‹U+000D›‹U+000A⏎›'],
  ])('%s', (_, text, drawn) => {
    expect(draw(text)).toBe(drawn);
  });

  it('gives the exact text back, whatever it holds', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 200 });
    const nasty = fc.string({
      unit: fc.constantFrom('\n', '\r', ' ', '\u200b', '\u202e', '\ud800', 'x', '\u{e0041}', '😀'),
      maxLength: 60,
    });
    fc.assert(
      fc.property(fc.oneof(anything, nasty), (text) => {
        expect(joinUntrustedTokens(splitUntrustedText(text))).toBe(text);
      }),
    );
  });

  it('leaves nothing hidden in what is drawn as text', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 200 }), (text) => {
        for (const token of splitUntrustedText(text)) {
          if (token.kind === 'chip') continue;
          expect(token.text).not.toMatch(/[\p{C}\p{Zl}\p{Zp}\p{Variation_Selector}]/u);
          expect(token.text.replaceAll(' ', '')).not.toMatch(/\p{Z}/u);
        }
      }),
    );
  });
});

describe('countLines', () => {
  it.each([
    ['', 1],
    ['a', 1],
    ['a\n', 2],
    ['a\r\nb\rc\u2028d', 4],
  ])('%j has %d', (text, lines) => {
    expect(countLines(text)).toBe(lines);
  });
});

describe('cutUntrustedText', () => {
  const bounds = { linesMax: 3, charsMax: 10 };
  it.each([
    ['', '', 0, 0],
    ['short', 'short', 0, 0],
    ['exactly te', 'exactly te', 0, 0],
    ['eleven char', 'eleven cha', 1, 1],
    ['a\nb\nc', 'a\nb\nc', 0, 0],
    ['a\nb\nc\n', 'a\nb\nc\n', 0, 0],
    ['a\nb\nc\nd', 'a\nb\nc\n', 1, 1],
    ['a\nb\nc\nd\ne', 'a\nb\nc\n', 3, 2],
    ['123456789😀x', '123456789', 3, 1],
    ['12345678😀x', '12345678😀', 1, 1],
  ])('%j shows %j and hides %d characters, %d lines', (text, shown, chars, lines) => {
    expect(cutUntrustedText(text, bounds)).toEqual({
      shown,
      hiddenChars: chars,
      hiddenLines: lines,
    });
  });

  it('adds up: shown and hidden are the whole', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (text) => {
        const cut = cutUntrustedText(text, bounds);
        expect(cut.shown.length + cut.hiddenChars).toBe(text.length);
        expect(text.startsWith(cut.shown)).toBe(true);
        expect(cut.shown.length).toBeLessThanOrEqual(bounds.charsMax);
        expect(countLines(cut.shown)).toBeLessThanOrEqual(bounds.linesMax + 1);
      }),
    );
  });
});

describe('readChip', () => {
  it('reads back from its words what every chip stands for', () => {
    const hiddenText = fc.string({
      unit: fc.constantFrom(
        'a',
        '😀',
        '\n',
        '\r',
        '\u202e',
        '\u200b',
        '\u00a0',
        '\u{e0041}',
        '\ufe0f',
      ),
      maxLength: 60,
    });
    fc.assert(
      fc.property(hiddenText, (text) => {
        const read = splitUntrustedText(text).map((token) => {
          if (token.kind === 'text') return token.text;
          const run = token.count > 1 ? `×${formatCount(token.count)}` : '';
          return readChip(`${chipName(token.codePoint)}${run}`);
        });
        expect(read.join('')).toBe(text);
      }),
    );
    expect(readChip('U+000A×10,000')).toBe('\n'.repeat(10_000));
  });

  it.each(['U+41', 'U+110000', 'u+000A', 'U+000A×', 'x', ''])('%j is no chip', (words) => {
    expect(readChip(words)).toBeNull();
  });
});
