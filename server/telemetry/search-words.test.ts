import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { limits } from '#server/kernel/limits.ts';
import { makeDraft } from '#server/testing/event-factory.ts';
import type { Json, StoredEvent } from './contract.ts';
import { addWordsOf, searchQueryOf, type SearchableEvent, wordsOf } from './search-words.ts';

const tenant = '018f0000-0000-7000-8000-000000000001';

function storedEvent(overrides: Partial<StoredEvent> = {}): SearchableEvent {
  const { agent: _agent, ...draft } = makeDraft();
  const event = {
    ...draft,
    agentSlug: 'billing-bot',
    ...overrides,
  };
  return { ...event, readBody: () => event.body };
}

describe('wordsOf', () => {
  it.each<[string, string, string[]]>([
    ['lower case', 'Send MONEY', ['send', 'money']],
    ['tool names apart', 'send_money', ['send', 'money']],
    ['ids apart', 'u-42/acc.17', ['u', '42', 'acc', '17']],
    ['placeholders', '[EMAIL:9f3a61c0]', ['email', '9f3a61c0']],
    ['accents kept', 'Überweisung à Zoë', ['überweisung', 'à', 'zoë']],
    ['composed and decomposed alike', 'Zoe\u0308', ['zoë']],
    ['full width', 'ＡＢＣ１', ['abc1']],
    ['ligatures', 'ﬁle', ['file']],
    ['zero-width space inside', 'ig\u200bnore', ['ignore']],
    ['soft hyphen inside', 'pass\u00adword', ['password']],
    ['variation selector inside', 'a\ufe0fb', ['ab']],
    ['tag characters', 'a\u{e0041}b', ['ab']],
    ['bidi controls', '\u202eabc\u202c', ['abc']],
    ['Han by pairs', '東京都', ['東京', '京都']],
    ['one Han character', '東', ['東']],
    ['Kana by pairs', 'カタ', ['カタ']],
    ['Hangul has spaces', '결제 승인', ['결제', '승인']],
    ['Cyrillic', 'Платёж', ['платёж']],
    ['Arabic with marks', 'مَال', ['مَال']],
    ['emoji are no words', '💸 pay 💸', ['pay']],
    ['markup', '<script>alert(1)</script>', ['script', 'alert', '1', 'script']],
    ['nothing', ' \t\n —…', []],
  ])('%s', (_name, text, words) => {
    expect(wordsOf(text)).toEqual(words);
  });

  it('cuts a long word between characters', () => {
    const [word] = wordsOf('𝒳'.repeat(10) + '𐐨'.repeat(100));
    expect(Array.from(word ?? '')).toHaveLength(limits.searchWordCharsMax);
    expect(word?.isWellFormed()).toBe(true);
  });

  it('finds any word again that it made itself, and nothing that Postgres would misread', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (text) => {
        for (const word of wordsOf(text)) {
          expect(word).not.toMatch(/[\s'\\:&|!()@]/u);
          expect(wordsOf(word).join('')).toBe(word);
        }
      }),
    );
  });
});

/** As `wordsOf` says it, without a shorter way for plain text. */
function wordsByTheLongWay(text: string): string[] {
  const folded = text
    .normalize('NFKC')
    .replace(/[\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, '')
    .toLowerCase();
  return (folded.match(/[\p{L}\p{M}\p{N}]+/gu) ?? []).map((word) =>
    Array.from(word).slice(0, limits.searchWordCharsMax).join(''),
  );
}

describe('the short way of plain text', () => {
  const text = fc
    .array(
      fc.oneof(
        fc.stringMatching(/^[A-Za-z0-9]{0,60}$/),
        fc.constantFrom(
          ' ',
          '=',
          '\u0338',
          '\u0301',
          '\u00ad',
          'é',
          'ß',
          '\n',
          '"',
          'x'.repeat(50),
        ),
      ),
    )
    .map((parts) => parts.join(''));

  it('finds the same words, wherever the plain part ends', () => {
    fc.assert(
      fc.property(text, (some) => {
        expect(wordsOf(some)).toEqual(wordsByTheLongWay(some));
      }),
    );
  });

  it('adds the same words to every set, however many share them', () => {
    const eventOf = (output: string) =>
      storedEvent({ body: { ...makeDraft().body, input: null, output } });
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(2), text), { maxLength: 12 }), (given) => {
        const bags = [new Set<string>(), new Set<string>(), new Set<string>()];
        const plain = [new Set<string>(), new Set<string>(), new Set<string>()];
        for (const [which, some] of given) {
          const event = eventOf(some);
          addWordsOf(event, bags[which] ?? new Set());
          const named = [event.agentSlug, event.name, event.kind, event.status, event.id];
          for (const part of [...named, some]) {
            for (const word of wordsByTheLongWay(part ?? '')) plain[which]?.add(word);
          }
        }
        expect(bags).toEqual(plain);
      }),
    );
  });
});

function wordsOfEvent(event: SearchableEvent): Set<string> {
  const words = new Set<string>();
  addWordsOf(event, words);
  return words;
}

describe('addWordsOf', () => {
  it('adds to what is there, each event within a bound of its own', () => {
    const words = new Set(['earlier']);
    const flood = (letter: string) =>
      storedEvent({
        body: {
          ...makeDraft().body,
          input: Array.from({ length: 2000 }, (_, at) => `${letter}${at}`),
        },
      });
    addWordsOf(flood('x'), words);
    expect(words.size).toBe(1 + limits.searchWordsMax);
    addWordsOf(flood('y'), words);
    expect(words.size).toBe(1 + 2 * limits.searchWordsMax);
    expect(words.has('earlier')).toBe(true);
  });

  it('takes names, ids and every text of the payload, not its keys', () => {
    const words = wordsOfEvent(
      storedEvent({
        id: 'evt-9',
        sessionId: 's-17',
        name: 'send_money',
        body: {
          input: { recipient: 'Alice', nested: [{ deep: ['amount', 100] }] },
          output: 'transferred',
          error: { message: 'limit' },
          usage: { inputTokens: 4711 },
          data: { resource: 'accounts' },
          source: { trust: 'untrusted', origin: 'email:inbox' },
          attributes: { 'http.url': 'example.test' },
        },
      }),
    );
    expect([...words]).toEqual(
      expect.arrayContaining(
        'billing bot send money evt 9 s 17 alice amount 100 transferred limit accounts inbox example'.split(
          ' ',
        ),
      ),
    );
    expect(words.has('recipient')).toBe(false);
    expect(words.has('4711')).toBe(false);
  });

  it('looks at a bounded part of a large event, names first', () => {
    const flood = Array.from({ length: 20_000 }, (_, index) => `w${index}`).join(' ');
    const words = wordsOfEvent(
      storedEvent({ name: 'rare', body: { ...makeDraft().body, input: flood } }),
    );
    expect(words.size).toBe(limits.searchWordsMax);
    expect(words.has('rare')).toBe(true);
    const wide: Json = Array.from({ length: 100_000 }, () => 'same');
    expect(
      wordsOfEvent(storedEvent({ body: { ...makeDraft().body, input: wide } })).has('same'),
    ).toBe(true);
  });
});

describe('searchQueryOf', () => {
  const own = `'@${tenant}'`;
  it.each<[string, string | null]>([
    ['send money', `'send' & 'money':* & ${own}`],
    ['send_money', `'send' & 'money':* & ${own}`],
    ['u-42', `'u' & '42' & ${own}`],
    ['to', `'to' & ${own}`],
    ['pay pay', `'pay' & 'pay':* & ${own}`],
    ["Robert'); drop table events;--", `'robert' & 'drop' & 'table' & 'events':* & ${own}`],
    ['東京', `'東京' & ${own}`],
    ['!&|():*', null],
    ['', null],
  ])('%s', (question, query) => {
    expect(searchQueryOf(question, tenant)).toBe(query);
  });
});
