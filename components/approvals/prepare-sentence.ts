import type { ApprovalDetail, OpenedArguments } from '#server/approvals/contract.ts';

/** A piece of the sentence: our own words, the name of an argument, or a value that the agent has given. */
export interface SentencePart {
  readonly kind: 'words' | 'name' | 'value';
  readonly text: string;
}

/** Something that the sentence leaves open or must not say. */
export interface OpenPoint {
  readonly text: string;
  /** Something is odd about this request; otherwise it only lacks what would tell more. */
  readonly isOdd: boolean;
}

/** What an action would do, in one sentence of ours. */
export interface PlainSentence {
  readonly parts: readonly SentencePart[];
  readonly open: readonly OpenPoint[];
}

type Facts = ApprovalDetail['toolFacts'];
type Opened = Pick<OpenedArguments, 'canonical' | 'boundFields' | 'asAsked'>;

/** What a tool of each effect does, as far as its class alone tells. */
const deeds = {
  read: 'read data',
  write: 'change data',
  destructive: 'delete or break something',
  outbound: 'let something out of the house',
  money: 'move money',
} as const satisfies Record<NonNullable<Facts>['effectClass'], string>;

/** By the grade of the tools table, 0 to 4. */
const undoing = [
  'It undoes itself.',
  'One call undoes it.',
  'Undoing it takes work.',
  'Undoing it takes the help of others.',
  'It cannot be undone.',
] as const;

/** Under these names, whatever their case, tools take one thing; closed lists, so that no name misleads. */
const amountNames = /^(?:amount|total|value|sum|price|amount_cents)$/i;
const currencyNames = /^(?:currency|currency_code|ccy)$/i;
const recipientNames =
  /^(?:to|cc|bcc|recipients?|payee|beneficiary|participants?|attendees|invitees|user_email|emails?|channels?|iban|account|phone_numbers?)$/i;
/** Of a tool that declares no fields: what it is done to, in the order in which it is told. */
const objectNames = [
  'path',
  'source',
  'destination',
  'url',
  'command',
  'code',
  'sql',
  'query',
  'customer_id',
  'email_id',
  'event_id',
  'record_id',
  'name',
  'subject',
] as const;

const recipientsMax = 3;
const detailsMax = 3;

const odd = (text: string): OpenPoint => ({ text, isOdd: true });
const lacking = (text: string): OpenPoint => ({ text, isOdd: false });
const words = (text: string): SentencePart => ({ kind: 'words', text });
const value = (text: string): SentencePart => ({ kind: 'value', text });

interface Leaf {
  /** Name of the innermost field, and whether that is an argument of the tool itself. */
  readonly name: string;
  readonly isOutermost: boolean;
  readonly value: unknown;
}

/**
 * Says in one sentence what an action would do: from what the tools table says of the tool and from
 * the arguments themselves, and from nothing that an agent has written as prose. A value stands in it
 * only where one argument alone can be meant and a permit binds it; whatever the sentence cannot say
 * honestly it leaves open, and says so. Pure.
 */
export function prepareSentence(
  action: { readonly agent: string; readonly tool: string },
  facts: Facts,
  opened: Opened | null,
): PlainSentence {
  const run = [words(`${action.agent} wants to run `), value(action.tool), words('.')];
  if (facts === null) {
    return {
      parts: run,
      open: [odd('Nobody has registered this tool: what it does cannot be told.')],
    };
  }
  if (facts.isChanged) {
    return {
      parts: run,
      open: [odd('What is registered of this tool was changed after it was asked for.')],
    };
  }
  const undone = words(
    `. ${undoing[facts.reversibility] ?? 'Whether it can be undone is unknown.'}`,
  );
  const withTool = [words(' with '), value(action.tool)];
  const wants = words(`${action.agent} wants to `);
  if (opened === null) {
    return {
      parts: [wants, words(deeds[facts.effectClass]), ...withTool, undone],
      open: [lacking('Its values are sealed until the arguments are opened.')],
    };
  }
  const told = tellArguments(facts, opened);
  const { deed, details } = told;
  return {
    parts: merge([wants, ...deed, ...withTool, ...details, undone]),
    open: told.open,
  };
}

interface Told {
  readonly deed: readonly SentencePart[];
  readonly details: readonly SentencePart[];
  readonly open: readonly OpenPoint[];
}

function tellArguments(facts: NonNullable<Facts>, opened: Opened): Told {
  const args = JSON.parse(opened.canonical) as Record<string, unknown>;
  const leaves = leavesOf(args);
  const isBound = (name: string) => opened.boundFields?.includes(name) ?? true;
  const open: OpenPoint[] = [];
  const isDeclared = (name: string) => facts.declared?.includes(name) ?? true;
  const used = new Set<string>();
  const only = (names: RegExp, what: string): Leaf | null => {
    const found = leaves.filter((leaf) => names.test(leaf.name));
    const [first] = found;
    if (first === undefined) return null;
    if (found.length > 1) open.push(odd(`More than one argument names ${what}.`));
    else if (!first.isOutermost) open.push(odd(`What names ${what} lies inside another argument.`));
    else if (!isBound(first.name)) open.push(odd(`A permit would not bind ${what}.`));
    else if (!isDeclared(first.name))
      open.push(odd(`What names ${what} is no argument of the tool.`));
    else return first;
    return null;
  };
  const isMoney = facts.effectClass === 'money';
  const amount = isMoney ? only(amountNames, 'an amount') : null;
  const currency = isMoney ? only(currencyNames, 'a currency') : null;
  const hasAmount = leaves.some((leaf) => amountNames.test(leaf.name));
  if (isMoney && !hasAmount) open.push(odd('No argument names an amount.'));
  if (amount !== null && !leaves.some((leaf) => currencyNames.test(leaf.name)))
    open.push(lacking('No argument names a currency.'));
  for (const leaf of [amount, currency]) if (leaf !== null) used.add(leaf.name);
  const addressed = isMoney || facts.effectClass === 'outbound';
  const recipients = addressed
    ? recipientsOf(args, leaves, { isBound, isDeclared, isMoney }, open)
    : [];
  for (const { name } of recipients) used.add(name);
  const details = detailsOf(facts, args, { isBound, used });
  const unbound = Object.keys(args).filter((name) => !isBound(name)).length;
  if (unbound > 0) {
    open.push(
      unbound === 1
        ? lacking('A permit would not bind one of its arguments: it may be another when it runs.')
        : lacking(
            `A permit would not bind ${unbound} of its arguments: they may be others when it runs.`,
          ),
    );
  }
  if (facts.declared === null) {
    const text =
      'What arguments this tool takes is not registered: what they mean is the agent’s word.';
    open.push(lacking(text));
  }
  if (opened.asAsked !== null) open.push(lacking('It is drawn from what a reviewer made of it.'));
  return {
    deed: [
      ...(amount === null
        ? [words(deeds[facts.effectClass])]
        : [words('move '), value(shownOf(amount.value)), ...currencyOf(currency)]),
      ...toRecipients(recipients),
    ],
    details,
    open,
  };
}

const currencyOf = (currency: Leaf | null): SentencePart[] =>
  currency === null ? [] : [words(' '), value(shownOf(currency.value))];

interface Recipient {
  readonly name: string;
  readonly text: string;
}

/** All whom the arguments of the tool itself name; nobody, where one could be named elsewhere too. */
function recipientsOf(
  args: Readonly<Record<string, unknown>>,
  leaves: readonly Leaf[],
  is: {
    readonly isBound: (name: string) => boolean;
    readonly isDeclared: (name: string) => boolean;
    readonly isMoney: boolean;
  },
  open: OpenPoint[],
): Recipient[] {
  const named = leaves.filter((leaf) => recipientNames.test(leaf.name));
  const nobody = 'No argument names whom it goes to.';
  const because = (text: string): Recipient[] => {
    open.push(odd(text));
    return [];
  };
  if (named.length === 0) {
    open.push({ text: nobody, isOdd: is.isMoney });
    return [];
  }
  if (named.some(({ isOutermost }) => !isOutermost))
    return because('What names whom it goes to lies inside another argument.');
  if (named.some(({ name }) => !is.isBound(name)))
    return because('A permit would not bind whom it goes to.');
  if (named.some(({ name }) => !is.isDeclared(name)))
    return because('What names whom it goes to is no argument of the tool.');
  const found = Object.entries(args)
    .filter(([name]) => recipientNames.test(name))
    .flatMap(([name, one]) =>
      (Array.isArray(one) ? (one as unknown[]) : [one])
        .filter((item) => item !== null && item !== '')
        .map((item) => ({ name, text: shownOf(item) })),
    );
  if (found.length === 0) open.push({ text: nobody, isOdd: is.isMoney });
  return found;
}

/** Copies stand behind those whom it is for; a copy that nobody is to see stands last. */
const kindOrder = (kind: string): number => ['cc', 'bcc'].indexOf(kind);

/** `to A, B and 4 more, cc C`: of each kind the first ones, so that many of one hide none of another. */
function toRecipients(recipients: readonly Recipient[]): SentencePart[] {
  const byKind = [...Map.groupBy(recipients, ({ name }) => name.toLowerCase())].toSorted(
    ([a], [b]) => kindOrder(a) - kindOrder(b),
  );
  const isOfKinds = byKind.length > 1 || byKind.some(([kind]) => kindOrder(kind) >= 0);
  return byKind.flatMap(([kind, all], group) => {
    const named = isOfKinds && kind !== 'to' ? `${kind} ` : '';
    const shown = all
      .slice(0, recipientsMax)
      .flatMap(({ text }, index) => [words(index === 0 ? '' : ', '), value(text)]);
    const more = all.length - recipientsMax;
    return [
      words(`${group === 0 ? ' to ' : ', '}${named}`),
      ...shown,
      ...(more > 0 ? [words(` and ${more} more`)] : []),
    ];
  });
}

/** The fields that the tool declares, in its order, or else what it is done to; then how many are left. */
function detailsOf(
  facts: NonNullable<Facts>,
  args: Readonly<Record<string, unknown>>,
  { isBound, used }: { readonly isBound: (name: string) => boolean; readonly used: Set<string> },
): SentencePart[] {
  const told = (facts.declared ?? objectNames)
    .filter((name) => Object.hasOwn(args, name) && isBound(name) && !used.has(name))
    .slice(0, detailsMax);
  const left = Object.keys(args).filter((name) => !used.has(name) && !told.includes(name)).length;
  const parts = told.flatMap((name) => [
    words(', '),
    { kind: 'name' as const, text: name },
    words(' '),
    ...detailOf(args[name]),
  ]);
  if (left === 0) return parts;
  const more = told.length + used.size === 0 ? '' : ' more';
  return [...parts, words(` and ${left}${more} ${left === 1 ? 'argument' : 'arguments'} below`)];
}

/** A scalar as it is; of anything else only what it is. */
function detailOf(detail: unknown): SentencePart[] {
  if (Array.isArray(detail)) return [words(`a list of ${detail.length}`)];
  if (typeof detail === 'object' && detail !== null) {
    const count = Object.keys(detail).length;
    return [words(`${count} ${count === 1 ? 'field' : 'fields'}`)];
  }
  return [value(shownOf(detail))];
}

/** A number with its thousands set apart; everything else letter by letter. */
function shownOf(given: unknown): string {
  if (typeof given === 'string') return given === '' ? '""' : given;
  const text = JSON.stringify(given);
  if (typeof given !== 'number' || !/^-?\d+(?:\.\d+)?$/.test(text)) return text;
  const [whole = '', fraction] = text.split('.');
  const grouped = whole.replace(/\B(?=(?:\d{3})+$)/g, ',');
  return fraction === undefined ? grouped : `${grouped}.${fraction}`;
}

/** Every value of the arguments with the name that stands nearest above it; a list's are its own. */
function leavesOf(args: Readonly<Record<string, unknown>>): Leaf[] {
  const leaves: Leaf[] = [];
  const visit = (name: string, given: unknown, isOutermost: boolean): void => {
    if (typeof given !== 'object' || given === null) {
      leaves.push({ name, isOutermost, value: given });
    } else if (Array.isArray(given)) {
      for (const item of given as unknown[]) {
        visit(name, item, isOutermost && (typeof item !== 'object' || item === null));
      }
    } else {
      for (const [inner, item] of Object.entries(given)) visit(inner, item, false);
    }
  };
  for (const [name, given] of Object.entries(args)) visit(name, given, true);
  return leaves;
}

/** Neighbouring words as one part. */
function merge(parts: readonly SentencePart[]): SentencePart[] {
  const merged: SentencePart[] = [];
  for (const part of parts) {
    const last = merged.at(-1);
    if (part.kind === 'words' && last?.kind === 'words')
      merged[merged.length - 1] = words(last.text + part.text);
    else merged.push(part);
  }
  return merged;
}
