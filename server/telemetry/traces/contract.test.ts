import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  trustLevels,
} from '../contract.ts';
import { decodeTraceEvents, encodeTraceEvents, type TraceEvent } from './contract.ts';

const text = fc.string({ unit: 'grapheme', maxLength: 12 });
const textOrNull = fc.option(text);
const us = fc.integer({ min: 0, max: 4_000_000_000_000_000 });

const eventArbitrary: fc.Arbitrary<TraceEvent> = fc.record({
  id: text,
  revision: fc.nat(20),
  spanId: textOrNull,
  parentSpanId: textOrNull,
  kind: fc.constantFrom(...eventKinds),
  phase: fc.option(fc.constantFrom(...eventPhases)),
  callId: textOrNull,
  name: textOrNull,
  agent: text,
  session: textOrNull,
  user: textOrNull,
  startedAtUs: us,
  endedAtUs: fc.option(us),
  receivedAtUs: us,
  status: fc.constantFrom(...eventStatuses),
  trust: fc.constantFrom(...trustLevels),
  flags: fc.subarray([...eventFlags]),
  findings: fc.subarray([...findingTypes]),
  effect: textOrNull,
});

describe('the wire form of a trace', () => {
  it('gives every event back as it was', () => {
    fc.assert(
      fc.property(fc.array(eventArbitrary, { maxLength: 20 }), (events) => {
        expect(decodeTraceEvents(encodeTraceEvents(events))).toEqual(events);
      }),
    );
  });

  it('keeps an empty text apart from none, and an end before its start', () => {
    const [event] = fc.sample(eventArbitrary, { numRuns: 1, seed: 1 });
    if (!event) throw new Error('no sample');
    const odd = { ...event, name: '', callId: null, startedAtUs: 10, endedAtUs: 9 };
    expect(decodeTraceEvents(encodeTraceEvents([odd]))).toEqual([odd]);
  });

  it('writes ten thousand ordinary events in about a megabyte', () => {
    const [event] = fc.sample(eventArbitrary, { numRuns: 1, seed: 2 });
    if (!event) throw new Error('no sample');
    const events = Array.from({ length: 10_000 }, (_, index) => ({
      ...event,
      id: `event-${index}`,
      spanId: index.toString(16).padStart(16, '0'),
      startedAtUs: 1_795_334_400_000_000 + index * 1000,
      endedAtUs: 1_795_334_400_000_900 + index * 1000,
      receivedAtUs: 1_795_334_400_100_000 + index * 1000,
    }));
    expect(encodeTraceEvents(events).length).toBeLessThan(1_300_000);
  });

  it.each(['', 'null', '[]', '{"words":[1],"rows":[]}', '{"words":[],"rows":[["x"]]}'])(
    'refuses %j',
    (wire) => {
      expect(() => decodeTraceEvents(wire)).toThrow();
    },
  );
});
