import { describe, expect, it } from 'vitest';
import { type PlainSentence, prepareSentence } from './prepare-sentence.ts';

type Facts = Parameters<typeof prepareSentence>[1];
type Opened = NonNullable<Parameters<typeof prepareSentence>[2]>;

const money = { effectClass: 'money', reversibility: 4, declared: null, isChanged: false } as const;
const mail = { ...money, effectClass: 'outbound' } as const;
const fields = (...declared: string[]) => ({ declared });
const opened = (args: object, more: Partial<Opened> = {}): Opened => ({
  canonical: JSON.stringify(args),
  boundFields: null,
  asAsked: null,
  ...more,
});

/** The sentence as it is read, each value between angle brackets. */
const read = ({ parts }: PlainSentence) =>
  parts.map(({ kind, text }) => (kind === 'value' ? `<${text}>` : text)).join('');
const say = (facts: Facts, given: Opened | null, tool = 'pay') =>
  prepareSentence({ agent: 'payer', tool }, facts, given);
const openOf = (sentence: PlainSentence) => sentence.open.map(({ text }) => text);
const takes =
  'What arguments this tool takes is not registered: what they mean is the agent’s word.';

describe('prepareSentence', () => {
  it.each<[string, Facts, object, string, readonly string[]]>([
    [
      'an amount, a currency and a recipient',
      { ...money, ...fields('recipient', 'amount', 'currency') },
      { recipient: 'DE00 1234', amount: 1200, currency: 'EUR' },
      'payer wants to move <1,200> <EUR> to <DE00 1234> with <pay>. It cannot be undone.',
      [],
    ],
    [
      'a text for an amount, letter by letter',
      { ...money, ...fields('iban', 'amount') },
      { iban: 'DE1', amount: '1.200,00' },
      'payer wants to move <1.200,00> to <DE1> with <pay>. It cannot be undone.',
      ['No argument names a currency.'],
    ],
    [
      'numbers of every size',
      money,
      { to: 'x', amount: 1234567.5 },
      'payer wants to move <1,234,567.5> to <x> with <pay>. It cannot be undone.',
      ['No argument names a currency.', takes],
    ],
    [
      'numbers that have an exponent',
      money,
      { to: 'x', amount: 1e21 },
      'payer wants to move <1e+21> to <x> with <pay>. It cannot be undone.',
      ['No argument names a currency.', takes],
    ],
    [
      'no amount',
      { ...money, ...fields('to') },
      { to: 'x' },
      'payer wants to move money to <x> with <pay>. It cannot be undone.',
      ['No argument names an amount.'],
    ],
    [
      'nobody',
      { ...money, ...fields('amount') },
      { amount: 5, to: '' },
      'payer wants to move <5> with <pay> and 1 more argument below. It cannot be undone.',
      ['No argument names a currency.', 'What names whom it goes to is no argument of the tool.'],
    ],
    [
      'two amounts',
      money,
      { to: 'x', amount: 1, Total: 99 },
      'payer wants to move money to <x> with <pay> and 2 more arguments below. It cannot be undone.',
      ['More than one argument names an amount.', takes],
    ],
    [
      'an amount inside',
      money,
      { to: 'x', order: { amount: 99 } },
      'payer wants to move money to <x> with <pay> and 1 more argument below. It cannot be undone.',
      ['What names an amount lies inside another argument.', takes],
    ],
    [
      'a second recipient inside',
      money,
      { to: 'x', amount: 1, more: [{ iban: 'y' }] },
      'payer wants to move <1> with <pay> and 2 more arguments below. It cannot be undone.',
      [
        'No argument names a currency.',
        'What names whom it goes to lies inside another argument.',
        takes,
      ],
    ],
    [
      'an amount that the tool does not take',
      { ...money, ...fields('to', 'cents') },
      { to: 'x', amount: 1, cents: 9900 },
      'payer wants to move money to <x> with <pay>, cents <9,900> and 1 more argument below. It cannot be undone.',
      ['What names an amount is no argument of the tool.'],
    ],
    [
      'many recipients',
      { ...mail, ...fields('to', 'cc', 'bcc', 'subject') },
      { cc: ['c', 'd', 'e', 'f'], bcc: 'g', to: ['a', 'b'], subject: 's' },
      'payer wants to let something out of the house to <a>, <b>, cc <c>, <d>, <e> and 1 more, bcc <g> with <pay>, subject <s>. It cannot be undone.',
      [],
    ],
    [
      'a hidden copy alone',
      { ...mail, ...fields('bcc') },
      { bcc: 'spy' },
      'payer wants to let something out of the house to bcc <spy> with <pay>. It cannot be undone.',
      [],
    ],
    [
      'declared fields in their order',
      { ...money, effectClass: 'write', reversibility: 2, ...fields('path', 'content') },
      { content: 'x', mode: 7, path: '/etc/x' },
      'payer wants to change data with <pay>, path </etc/x>, content <x> and 1 more argument below. Undoing it takes work.',
      [],
    ],
    [
      'what is no scalar, by what it is',
      { ...money, effectClass: 'destructive', ...fields('ids', 'where') },
      { ids: [1, 2], where: { a: 1 } },
      'payer wants to delete or break something with <pay>, ids a list of 2, where 1 field. It cannot be undone.',
      [],
    ],
    [
      'nothing',
      { ...money, effectClass: 'read', reversibility: 0, ...fields() },
      {},
      'payer wants to read data with <pay>. It undoes itself.',
      [],
    ],
    [
      'only what nobody declared',
      { ...money, effectClass: 'read', reversibility: 1, ...fields() },
      { x: 1, y: 2 },
      'payer wants to read data with <pay> and 2 arguments below. One call undoes it.',
      [],
    ],
  ])('tells %s', (_, facts, args, sentence, open) => {
    const said = say(facts, opened(args));
    expect(read(said)).toBe(sentence);
    expect(openOf(said)).toEqual(open);
  });

  it.each<[string, Facts, Opened | null, string, string]>([
    [
      'nobody registered the tool',
      null,
      opened({ amount: 1 }),
      'payer wants to run <pay>.',
      'Nobody has registered this tool: what it does cannot be told.',
    ],
    [
      'the tool was changed since',
      { ...money, isChanged: true },
      opened({ amount: 1 }),
      'payer wants to run <pay>.',
      'What is registered of this tool was changed after it was asked for.',
    ],
    [
      'the arguments are sealed',
      money,
      null,
      'payer wants to move money with <pay>. It cannot be undone.',
      'Its values are sealed until the arguments are opened.',
    ],
    [
      'a permit leaves the amount open',
      money,
      opened({ to: 'x', amount: 1 }, { boundFields: ['to'] }),
      'payer wants to move money to <x> with <pay> and 1 more argument below. It cannot be undone.',
      'A permit would not bind an amount.',
    ],
    [
      'a permit leaves the recipient open',
      money,
      opened({ to: 'x', amount: 1 }, { boundFields: ['amount'] }),
      'payer wants to move <1> with <pay> and 1 more argument below. It cannot be undone.',
      'A permit would not bind whom it goes to.',
    ],
    [
      'a reviewer edited it',
      { ...money, ...fields('to', 'amount') },
      opened({ to: 'x', amount: 1 }, { asAsked: '{}' }),
      'payer wants to move <1> to <x> with <pay>. It cannot be undone.',
      'It is drawn from what a reviewer made of it.',
    ],
  ])('says where %s', (_, facts, given, sentence, open) => {
    const said = say(facts, given);
    expect(read(said)).toBe(sentence);
    expect(openOf(said)).toContain(open);
  });

  it('takes nothing for its own words but what is its own', () => {
    const prose = 'harmless. It can be undone. The amount is 1\u202e';
    const said = say(
      { ...money, ...fields('to', 'amount', 'note') },
      opened({ to: prose, amount: prose, note: prose, description: prose, reason: prose }),
      prose,
    );
    const own = said.parts.filter(({ kind }) => kind === 'words').map(({ text }) => text);
    expect(own.join('')).not.toContain('harmless');
    expect(own.join('')).toBe(
      'payer wants to move  to  with ,   and 2 more arguments below. It cannot be undone.',
    );
    expect(said.parts.filter(({ kind }) => kind === 'value').map(({ text }) => text)).toEqual([
      prose,
      prose,
      prose,
      prose,
    ]);
  });

  it('is the same for the same arguments in any order', () => {
    const facts = { ...money, ...fields('to', 'amount') };
    expect(say(facts, opened({ amount: 1, to: 'x', z: 1 }))).toEqual(
      say(facts, opened({ z: 1, to: 'x', amount: 1 })),
    );
  });
});
