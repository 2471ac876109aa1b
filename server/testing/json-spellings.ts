/**
 * Values and their spellings for tests of canonical JSON. Written apart from the product's own code,
 * so that a mistake there is not repeated here.
 */
export type Value =
  | null
  | boolean
  | number
  | string
  | readonly Value[]
  | { readonly [key: string]: Value };

/** A reproducible source of numbers in [0, 1). */
export type Dice = () => number;

/** mulberry32: 32 bits of state, enough for test inputs. */
export function createDice(seed: number): Dice {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const pick = <T>(dice: Dice, from: readonly T[]): T => {
  const chosen = from[Math.floor(dice() * from.length)];
  if (chosen === undefined) throw new Error('nothing to pick from');
  return chosen;
};

const words = [
  '',
  'amount',
  'to',
  'é',
  'e\u0301',
  '€',
  '😀',
  'a"b',
  '\\',
  '\n',
  '\u2028',
  'דּ',
  '~/',
];
const numbers = [0, 1, -1, 0.1, 100, 1e21, 1.5e-7, 123456789012345, -2.5, 5e-324, 1e300];

/** An object of at most `depth` levels below its own, with every kind of leaf. */
export function makeArguments(dice: Dice, depth = 3): { readonly [key: string]: Value } {
  const entries: [string, Value][] = [];
  const count = 1 + Math.floor(dice() * 5);
  for (let index = 0; index < count; index += 1) {
    // A name that readers of JSON like to lose.
    const name = dice() < 0.1 ? '__proto__' : `${pick(dice, words)}${index}`;
    entries.push([name, makeValue(dice, depth)]);
  }
  return Object.fromEntries(entries);
}

function makeValue(dice: Dice, depth: number): Value {
  const roll = dice();
  if (depth > 0 && roll < 0.2) return makeArguments(dice, depth - 1);
  if (depth > 0 && roll < 0.35) return [makeValue(dice, depth - 1), makeValue(dice, depth - 1)];
  if (roll < 0.6) return pick(dice, numbers);
  if (roll < 0.9) return `${pick(dice, words)}${pick(dice, words)}`;
  return pick<Value>(dice, [null, true, false]);
}

/** Another text of the same value: order of keys, white space, escapes, forms of numbers. */
export function spell(value: Value, dice: Dice): string {
  const space = () => pick(dice, ['', '', ' ', '\n', '\t ']);
  if (value === null || typeof value === 'boolean') return String(value);
  if (typeof value === 'number') return spellNumber(value, dice);
  if (typeof value === 'string') return spellString(value, dice);
  if (isList(value)) {
    const items = value.map((item) => `${space()}${spell(item, dice)}${space()}`);
    return `[${items.join(',')}]`;
  }
  const members = Object.entries(value).map(
    ([key, item]) => `${space()}${spellString(key, dice)}${space()}:${space()}${spell(item, dice)}`,
  );
  const shuffled = members
    .map((member) => ({ member, rank: dice() }))
    .sort((a, b) => a.rank - b.rank)
    .map(({ member }) => member);
  return `{${shuffled.join(',')}${space()}}`;
}

const isList = (value: Value): value is readonly Value[] => Array.isArray(value);

function spellNumber(value: number, dice: Dice): string {
  const plain = String(value);
  const forms = [plain, value.toExponential()];
  if (value !== 0 && /^-?\d+$/.test(plain))
    forms.push(`${plain}.0`, `${plain}.000e0`, `${plain}0e-1`);
  return pick(dice, forms);
}

function spellString(value: string, dice: Dice): string {
  let text = '"';
  // By code points: half of a pair escaped and half raw would be another text in UTF-8.
  for (const point of value) {
    const unit = point.charCodeAt(0);
    const mustEscape = unit < 0x20 || unit === 0x22 || unit === 0x5c;
    if (!mustEscape && dice() >= 0.2) text += point;
    else for (const half of point.split('')) text += escapeUnit(half, dice);
  }
  return `${text}"`;
}

function escapeUnit(unit: string, dice: Dice): string {
  const hex = unit.charCodeAt(0).toString(16).padStart(4, '0');
  return `\\u${dice() < 0.5 ? hex : hex.toUpperCase()}`;
}

/** The same value with one thing changed: a leaf, a key, an element added or taken away. */
export function mutate(value: { readonly [key: string]: Value }, dice: Dice): Value {
  const entries = Object.entries(value);
  const roll = dice();
  if (roll < 0.15) return { ...value, added: pick(dice, numbers) };
  const at = Math.floor(dice() * entries.length);
  return Object.fromEntries(
    entries.flatMap(([key, item], index): [string, Value][] => {
      if (index !== at) return [[key, item]];
      if (roll < 0.25 && entries.length > 1) return [];
      if (roll < 0.4) return [[`${key}\u200b`, item]];
      return [[key, mutateValue(item, dice)]];
    }),
  );
}

function mutateValue(value: Value, dice: Dice): Value {
  if (value === null) return false;
  if (typeof value === 'boolean') return dice() < 0.5 ? !value : String(value);
  if (typeof value === 'number') return dice() < 0.5 ? String(value) : value === 0 ? 1 : value * 2;
  if (typeof value === 'string') return mutateText(value, dice);
  if (isList(value)) return dice() < 0.5 ? [...value, null] : value.slice(1);
  return Object.keys(value).length === 0 ? [] : mutate(value, dice);
}

function mutateText(value: string, dice: Dice): string {
  const forms = [`${value}\u200b`, `${value} `, `\u202e${value}`, value.replace(/.$/su, '')];
  forms.push(value.normalize('NFD'), value.normalize('NFC'), value.toUpperCase());
  const changed = forms.filter((form) => form !== value);
  return pick(dice, changed);
}
