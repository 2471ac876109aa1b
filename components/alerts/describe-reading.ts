import type { AlertDetail } from '#server/detection/contract.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';

export type Reading = AlertDetail['readings'][number];

interface DescribedReading {
  /** One or two sentences of our own: no text of the agent is in them. */
  readonly claim: string;
  /** What the claim stands on, in the order in which it is read. */
  readonly numbers: readonly { readonly name: string; readonly value: string }[];
}

/** A number with at most two places: `0.07`, `11`, `4.29`. */
const round = (value: number) => formatNumber.format(value);
const formatNumber = new Intl.NumberFormat('en', { maximumFractionDigits: 2 });

/** n, the mean, σ with what it is at least, and how many of them lie between. */
function numbersOf(
  { value, mean, std, sigma }: Extract<Reading, { sigma: number }>,
  n: number,
  { of, floor, unit = '' }: { readonly of: string; readonly floor: string; readonly unit?: string },
): DescribedReading['numbers'] {
  return [
    { name: 'seen', value: `${round(value)}${unit}` },
    { name: 'mean', value: `${round(mean)}${unit}` },
    { name: 'σ', value: `${round(std)}${unit} (at least ${floor})` },
    { name: 'n', value: `${formatCount(n)} ${of}` },
    { name: 'above the mean', value: `${round(sigma)} σ` },
  ];
}

/** What a reading says in plain words, and with which numbers. */
export function describeReading(reading: Reading): DescribedReading {
  switch (reading.kind) {
    case 'volume':
      return {
        claim: `Called ${formatCounted(reading.value, 'time')} within one hour; usual are ${round(reading.mean)}.`,
        numbers: numbersOf(reading, reading.hours, { of: 'hours', floor: '√mean and 1' }),
      };
    case 'errors':
      return {
        claim:
          `Failed ${formatCounted(reading.value, 'time')} in ${formatCounted(reading.calls, 'call')} within one hour; ` +
          `${round(reading.mean)} were to be expected.`,
        numbers: numbersOf(reading, reading.known, { of: 'earlier calls', floor: '1' }),
      };
    case 'sequence':
      return {
        claim:
          `${seenBefore(reading.seen)} The call before it was seen ${formatCounted(reading.contexts, 'time')}. ` +
          `The surprise is ${round(reading.value)} bits; usual for this agent are ${round(reading.mean)}.`,
        numbers: numbersOf(reading, reading.samples, { of: 'calls', floor: '0.5', unit: ' bits' }),
      };
    case 'shape':
      return {
        claim:
          `These names and types of arguments are new: ${formatCounted(reading.calls, 'earlier call')} ` +
          `had ${formatCounted(reading.shapes, 'other shape')}.`,
        numbers: [],
      };
    case 'destination':
      return {
        claim:
          `The agent never called the tool with ${reading.fresh.length === 1 ? 'it' : 'them'} before: ` +
          `${formatCounted(reading.calls, 'earlier call')} named ${formatCounted(reading.known, 'other recipient or host', 'other recipients and hosts')}.`,
        numbers: [],
      };
    case 'scope':
      return {
        claim:
          `Never touched before by this agent, in ${formatCounted(reading.events, 'earlier event')} that named ` +
          `${formatCounted(reading.known, 'class or resource', 'classes and resources')}.`,
        numbers: [],
      };
    case 'drift':
      return {
        claim:
          `Of about the last hundred calls it lies ${round(reading.value)} bits from that of the last two thousand; ` +
          `0 is alike, 1 has nothing in common. Usual for this agent are ${round(reading.mean)}.`,
        numbers: numbersOf(reading, reading.samples, { of: 'looks', floor: '0.02', unit: ' bits' }),
      };
  }
}

function seenBefore(seen: number): string {
  if (seen === 0) return 'Not seen before, as far back as is remembered.';
  return `Seen ${formatCounted(seen, 'time')} before.`;
}
