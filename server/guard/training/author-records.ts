import type { Sample } from '#server/guard/training/contract.ts';

const names = ['Ann', 'Ben', 'Chloe', 'Dmitri', 'Elif', 'Farid', 'Grace', 'Hugo', 'Ines', 'Jun'];
const families = ['Keller', 'Okafor', 'Rossi', 'Tanaka', 'Novak', 'Silva', 'Haddad', 'Jensen'];
const streets = ['Maple Drive', 'Harbour Road', 'Station Street', 'Willow Lane', 'Hill Avenue'];
const cities = ['Denver', 'Lyon', 'Graz', 'Porto', 'Leeds', 'Austin', 'Turin', 'Osaka'];
const words =
  'open closed pending active shipped delivered economy business standard refunded confirmed cancelled large small blue red cotton leather gold silver none weekly monthly'.split(
    ' ',
  );

/** Fields of what tools return about people, orders, files and events, with how their values look. */
const fields: readonly (readonly [string, string])[] = [
  ['id', 'code'],
  ['user_id', 'code'],
  ['name', 'name'],
  ['first_name', 'first'],
  ['last_name', 'family'],
  ['email', 'email'],
  ['phone', 'number'],
  ['address', 'street'],
  ['city', 'city'],
  ['zip', 'number'],
  ['country', 'city'],
  ['dob', 'date'],
  ['payment_methods', 'code'],
  ['card_last_four', 'number'],
  ['account_number', 'code'],
  ['balance', 'number'],
  ['amount', 'number'],
  ['currency', 'word'],
  ['password_changed_at', 'date'],
  ['token_expires', 'date'],
  ['membership', 'word'],
  ['reservations', 'code'],
  ['order_id', 'code'],
  ['items', 'word'],
  ['price', 'number'],
  ['status', 'word'],
  ['type', 'word'],
  ['permissions', 'word'],
  ['owner', 'name'],
  ['recipient', 'name'],
  ['sender', 'email'],
  ['subject', 'word'],
  ['participants', 'email'],
  ['created_at', 'date'],
  ['updated_at', 'date'],
  ['flight_number', 'code'],
  ['origin', 'city'],
  ['destination', 'city'],
  ['cabin', 'word'],
  ['insurance', 'word'],
  ['read', 'bool'],
  ['write', 'bool'],
  ['execute', 'bool'],
  ['is_admin', 'bool'],
];

type Random = () => number;
const pick = <Item>(items: readonly Item[], random: Random, fallback: Item): Item =>
  items[Math.floor(random() * items.length)] ?? fallback;

function valueOf(shape: string, random: Random): string | number | boolean {
  const first = pick(names, random, '');
  const family = pick(families, random, '');
  const number = Math.floor(random() * 9000) + 100;
  switch (shape) {
    case 'first':
      return first;
    case 'family':
      return family;
    case 'name':
      return `${first} ${family}`;
    case 'email':
      return `${first}.${family}${number}@mail.example`.toLowerCase();
    case 'street':
      return `${number} ${pick(streets, random, '')}`;
    case 'city':
      return pick(cities, random, '');
    case 'date':
      return `2026-0${1 + (number % 9)}-1${number % 10}`;
    case 'number':
      return number / (number % 3 === 0 ? 100 : 1);
    case 'bool':
      return number % 2 === 0;
    case 'code':
      return `${pick(families, random, '').slice(0, 2).toUpperCase()}${number}${number}`;
    default:
      return pick(words, random, '');
  }
}

function makeRecord(random: Random): Record<string, string | number | boolean> {
  const count = 4 + Math.floor(random() * 12);
  return Object.fromEntries(
    Array.from({ length: count }, () => {
      const [name, shape] = pick(fields, random, ['id', 'code'] as const);
      return [name, valueOf(shape, random)];
    }),
  );
}

/** The spellings in which tools return records: JSON, Python's own, YAML and a table. */
function spell(records: readonly Record<string, unknown>[], random: Random): string {
  const json = JSON.stringify(records.length === 1 ? records[0] : records);
  const lines = (record: Record<string, unknown>) =>
    Object.entries(record).map(([key, value]) => `${key}: ${String(value)}`);
  switch (Math.floor(random() * 5)) {
    case 0:
      return json;
    case 1:
      return JSON.stringify(records, null, 2);
    case 2:
      return json.replaceAll('"', "'").replaceAll('true', 'True').replaceAll('false', 'False');
    case 3:
      return records.map((record) => `- ${lines(record).join('\n  ')}`).join('\n');
    default:
      return records.map((record) => `| ${Object.values(record).join(' | ')} |`).join('\n');
  }
}

/** Records of people, orders and files, about nobody: the bulk of what tools return in the field. */
export function authorRecords(count: number, random: Random): Sample[] {
  return Array.from({ length: count }, () => {
    const records = Array.from({ length: 1 + Math.floor(random() ** 2 * 8) }, () =>
      makeRecord(random),
    );
    return {
      corpus: 'own-records',
      kind: 'tool_output',
      isAttack: false,
      text: spell(records, random),
      span: null,
      style: 'record',
    };
  });
}
