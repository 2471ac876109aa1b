import { limits } from '#server/kernel/limits.ts';
import type { RiskInput } from './contract.ts';

/** Names under which tools take whom something goes to. */
const recipientNames =
  /^(?:to|cc|bcc|recipients?|participants?|attendees|invitees|users?|user_email|emails?|channels?|iban|account|phone_numbers?)$/i;
/** Names under which tools take how much data they touch. */
const rowNames = /^(?:rows?|limit|max_rows|count|n|number_of_rows|top_k)$/i;
/** Names under which tools take money. */
const amountNames = /^(?:amount|total|value|sum|price|amount_cents)$/i;

/** What arguments name at whatever depth, as they name it. */
export interface NamedReach {
  /** Distinct addressees in lower case, in the order in which they were found. */
  readonly recipients: readonly string[];
  /** The largest number of rows asked for; null: none was named. */
  readonly rows: number | null;
  /** The largest amount, whatever its sign; null: none could be read. */
  readonly amount: number | null;
  /** False when there were more values than are looked at. */
  readonly isComplete: boolean;
}

/**
 * Whom arguments address, how many rows and how much money they name, at whatever depth. Field names
 * are all there is to go by: what is not found is unknown, never none. Pure.
 */
export function readReach(args: Readonly<Record<string, unknown>>): NamedReach {
  const recipients = new Set<string>();
  let rows: number | null = null;
  let amount: number | null = null;
  const waiting: [name: string, value: unknown][] = Object.entries(args);
  let looked = 0;
  for (let entry = waiting.pop(); entry !== undefined; entry = waiting.pop()) {
    const [name, value] = entry;
    looked += 1;
    if (looked > limits.argumentValuesMax) break;
    if (Array.isArray(value)) {
      for (const item of value as unknown[]) waiting.push([name, item]);
    } else if (typeof value === 'object' && value !== null) {
      waiting.push(...Object.entries(value));
    } else {
      if (recipientNames.test(name)) for (const one of addressees(value)) recipients.add(one);
      if (rowNames.test(name)) rows = larger(rows, numberOf(value));
      if (amountNames.test(name)) amount = larger(amount, numberOf(value));
    }
  }
  return {
    recipients: [...recipients],
    rows,
    amount,
    isComplete: looked <= limits.argumentValuesMax,
  };
}

/** {@link readReach} as numbers that repeat no argument: the decision's risk is computed from them. */
export function measureArguments(args: Readonly<Record<string, unknown>>): RiskInput['measures'] {
  const { recipients, rows, amount, isComplete } = readReach(args);
  return {
    recipients: recipients.length === 0 ? null : recipients.length,
    rows,
    amountMagnitude: amount === null ? null : Math.max(0, Math.floor(Math.log10(amount || 1))),
    isComplete,
  };
}

/** `a@x.org, b@x.org` names two. */
function addressees(value: unknown): string[] {
  if (typeof value !== 'string') return [];
  return value
    .split(/[,;\s]+/)
    .map((one) => one.trim().toLowerCase())
    .filter((one) => one !== '');
}

/** A number, or a text that is one: `"1000.00"`; its size, whatever its sign. */
function numberOf(value: unknown): number | null {
  if (typeof value !== 'number' && typeof value !== 'string') return null;
  const number = typeof value === 'number' ? value : plainNumber(value);
  return Number.isFinite(number) ? Math.abs(number) : null;
}

const plainNumber = (text: string) => (text.trim() === '' ? Number.NaN : Number(text));

const larger = (a: number | null, b: number | null) => (b === null ? a : Math.max(a ?? 0, b));
