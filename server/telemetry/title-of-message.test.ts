import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import type { Json } from './contract.ts';
import { cutText, titleOfMessage } from './title-of-message.ts';

describe('titleOfMessage', () => {
  it.each<[string, Json, string | null]>([
    ['plain text', 'Pay my bill', 'Pay my bill'],
    ['white space', '  Pay\n\n my\tbill ', 'Pay my bill'],
    ['chat message', { role: 'user', content: 'Pay' }, 'Pay'],
    ['list of messages', [{ role: 'user', content: 'Pay' }, { content: 'more' }], 'Pay'],
    ['parts', [{ role: 'user', parts: [{ type: 'text', text: 'Pay' }] }], 'Pay'],
    ['content parts', { role: 'user', content: [{ type: 'text', text: 'Pay' }] }, 'Pay'],
    ['first part without text', [{ type: 'image' }, { type: 'text', text: 'Pay' }], 'Pay'],
    ['messages wrapped', { messages: [{ content: 'Pay' }] }, 'Pay'],
    ['empty', '', null],
    ['only white space', ' \n ', null],
    ['null', null, null],
    ['number', 7, null],
    ['unknown shape', { role: 'user', type: 'text' }, null],
    ['too deep', [[[[[[['Pay']]]]]]], null],
  ])('%s', (_name, input, title) => {
    expect(titleOfMessage(input)).toBe(title);
  });

  it('cuts a long text and says so', () => {
    const title = titleOfMessage('x'.repeat(5000)) ?? '';
    expect(title).toHaveLength(limits.traceTitleCharsMax);
    expect(title.endsWith('…')).toBe(true);
  });
});

describe('cutText', () => {
  it('never grows, never splits a character, and leaves short text alone', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'binary', maxLength: 40 }),
        fc.integer({ min: 3, max: 40 }),
        (text, max) => {
          const cut = cutText(text, max);
          expect(cut.length).toBeLessThanOrEqual(max);
          expect(cut.isWellFormed()).toBe(true);
          if (text.length <= max) expect(cut).toBe(text);
          else expect(text.startsWith(cut.slice(0, -1))).toBe(true);
        },
      ),
    );
  });
});
