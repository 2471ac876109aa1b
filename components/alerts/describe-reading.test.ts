import { describe, expect, it } from 'vitest';
import { describeReading, type Reading } from './describe-reading.ts';

const readings: readonly [Reading, claim: string, numbers: string][] = [
  [
    { kind: 'volume', tool: 'pay', hours: 48, value: 60, mean: 6, std: 2.449, sigma: 22.045 },
    'Called 60 times within one hour; usual are 6.',
    'seen 60, mean 6, σ 2.45 (at least √mean and 1), n 48 hours, above the mean 22.05 σ',
  ],
  [
    {
      kind: 'errors',
      tool: 'a',
      calls: 15,
      known: 265,
      value: 5,
      mean: 0.056,
      std: 1,
      sigma: 4.94,
    },
    'Failed 5 times in 15 calls within one hour; 0.06 were to be expected.',
    'seen 5, mean 0.06, σ 1 (at least 1), n 265 earlier calls, above the mean 4.94 σ',
  ],
  [
    {
      kind: 'sequence',
      path: ['(start)', 'read_inbox', 'send_money'],
      contexts: 1288,
      seen: 0,
      samples: 864,
      value: 9.5,
      mean: 0.8,
      std: 1.2,
      sigma: 7.25,
    },
    'Not seen before, as far back as is remembered. The call before it was seen 1,288 times. The surprise is 9.5 bits; usual for this agent are 0.8.',
    'seen 9.5 bits, mean 0.8 bits, σ 1.2 bits (at least 0.5), n 864 calls, above the mean 7.25 σ',
  ],
  [
    { kind: 'shape', tool: 'pay', shape: 'to:string', isNew: true, calls: 288, shapes: 1 },
    'These names and types of arguments are new: 288 earlier calls had 1 other shape.',
    '',
  ],
  [
    { kind: 'destination', tool: 'mail', fresh: ['x.example'], calls: 288, known: 3 },
    'The agent never called the tool with it before: 288 earlier calls named 3 other recipients and hosts.',
    '',
  ],
  [
    { kind: 'scope', fresh: ['class:health'], events: 864, known: 2 },
    'Never touched before by this agent, in 864 earlier events that named 2 classes and resources.',
    '',
  ],
  [
    { kind: 'drift', calls: 900, samples: 20, value: 0.4, mean: 0.03, std: 0.02, sigma: 18.5 },
    'Of about the last hundred calls it lies 0.4 bits from that of the last two thousand; 0 is alike, 1 has nothing in common. Usual for this agent are 0.03.',
    'seen 0.4 bits, mean 0.03 bits, σ 0.02 bits (at least 0.02), n 20 looks, above the mean 18.5 σ',
  ],
];

describe('describeReading', () => {
  it.each(readings)('$kind', (reading, claim, numbers) => {
    const described = describeReading(reading);
    expect(described.claim).toBe(claim);
    expect(described.numbers.map(({ name, value }) => `${name} ${value}`).join(', ')).toBe(numbers);
  });

  it('says how often a sequence came', () => {
    const [, , sequence] = readings.map(([reading]) => reading);
    if (sequence?.kind !== 'sequence') throw new Error('not a sequence');
    expect(describeReading({ ...sequence, seen: 3 }).claim).toContain('Seen 3 times before');
  });
});
