import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  eventFlags,
  eventKinds,
  eventPhases,
  eventStatuses,
  findingTypes,
  trustLevels,
} from '../states/contract.ts';
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

/** The same with an id that is made of the trace's and the span's, as OTLP's are. */
const otlpEventArbitrary = fc.tuple(eventArbitrary, text, text).map(([event, trace, spanId]) => ({
  ...event,
  id: `${trace}:${spanId}`,
  spanId,
}));

describe('the wire form of a trace', () => {
  it('gives every event back as it was', () => {
    const anyEvent = fc.oneof(eventArbitrary, otlpEventArbitrary);
    fc.assert(
      fc.property(fc.array(anyEvent, { maxLength: 20 }), (events) => {
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

  it('writes ten thousand spans of OTLP in less than a megabyte', () => {
    const [event] = fc.sample(eventArbitrary, { numRuns: 1, seed: 2 });
    if (!event) throw new Error('no sample');
    const events = Array.from({ length: 10_000 }, (_, index) => ({
      ...event,
      id: `4bf92f3577b34da6a3ce929d0e0e4736:${index.toString(16).padStart(16, '0')}`,
      spanId: index.toString(16).padStart(16, '0'),
      startedAtUs: 1_795_334_400_000_000 + index * 1000,
      endedAtUs: 1_795_334_400_000_900 + index * 1000,
      receivedAtUs: 1_795_334_400_100_000 + index * 1000,
    }));
    expect(encodeTraceEvents(events).length).toBeLessThan(1_000_000);
  });

  it.each([
    '',
    'null',
    '[]',
    '{"words":[1],"baseUs":0,"rows":[]}',
    '{"words":[],"rows":[]}',
    '{"words":[],"baseUs":0,"rows":[["x"]]}',
    '{"words":[],"baseUs":0,"rows":[3]}',
  ])('refuses %j', (wire) => {
    expect(() => decodeTraceEvents(wire)).toThrow();
  });
});
