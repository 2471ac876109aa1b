import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { agentSlugSchema, wireEventSchema } from '#server/telemetry/contract.ts';
import type { Json, WireEvent } from '#server/telemetry/contract.ts';
import { decodeEvents, readWireEvents } from './decode-events.ts';
import { sliceEvents } from './slice-events.ts';
import { isStorableTime, toUtc } from './utc-time.ts';

const minimal = {
  id: 'e-1',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  agent: 'billing-bot',
  kind: 'tool_call',
  startedAt: '2026-11-22T08:00:00.000Z',
} as const satisfies WireEvent;

const post = (...events: unknown[]) => decodeEvents(Buffer.from(JSON.stringify({ events })));
const postText = (text: string) => decodeEvents(Buffer.from(text));
const draftOf = (event: object) => {
  const { accepted, rejected } = post({ ...minimal, ...event });
  expect(rejected).toEqual([]);
  return accepted[0]?.draft;
};

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'no error';
}

describe('decodeEvents', () => {
  it('fills what a minimal event leaves out', () => {
    expect(post(minimal)).toEqual({
      rejected: [],
      accepted: [
        {
          index: 0,
          isAgentExplicit: true,
          spawned: null,
          draft: {
            id: 'e-1',
            traceId: minimal.traceId,
            spanId: null,
            parentSpanId: null,
            sessionId: null,
            conversationId: null,
            agent: 'billing-bot',
            instanceId: null,
            user: null,
            kind: 'tool_call',
            phase: null,
            callId: null,
            name: null,
            startedAt: '2026-11-22T08:00:00.000000Z',
            endedAt: null,
            status: 'unset',
            model: null,
            body: {
              input: null,
              output: null,
              error: null,
              usage: null,
              data: null,
              source: { trust: 'unknown', origin: null },
              attributes: {},
            },
            actionId: null,
            dialect: 'native',
            flags: [],
          },
        },
      ],
    });
  });

  it('takes the whole event of the contract', () => {
    const event = {
      ...minimal,
      spanId: '00f067aa0ba902b7',
      parentSpanId: null,
      sessionId: 's-17',
      instanceId: 'pod-3',
      user: 'u-42',
      callId: 'c-9',
      name: 'send_money',
      endedAt: '2026-11-22T08:00:00.120Z',
      status: 'ok',
      input: { recipient: '…', amount: 100 },
      output: '…',
      usage: { inputTokens: 3, own: 'x' },
      data: { resource: 'accounts/17', classes: ['financial'], rows: 1, extra: true },
      source: { trust: 'trusted', origin: 'email:inbox/3', header: 'x' },
      attributes: { a: 1 },
    };
    expect(draftOf(event)).toMatchObject({
      sessionId: 's-17',
      name: 'send_money',
      status: 'ok',
      endedAt: '2026-11-22T08:00:00.120000Z',
      body: {
        input: { recipient: '…', amount: 100 },
        output: '…',
        usage: { inputTokens: 3, own: 'x' },
        data: { resource: 'accounts/17', classes: ['financial'], rows: 1, extra: true },
        source: { trust: 'trusted', origin: 'email:inbox/3' },
        attributes: { a: 1, 'source.header': 'x' },
      },
    });
  });

  it.each([
    ['tool_call', 'text', undefined, 'untrusted'],
    ['retrieval', ['doc'], undefined, 'untrusted'],
    ['tool_call', null, undefined, 'unknown'],
    ['llm_call', 'text', undefined, 'unknown'],
    ['user_message', 'text', undefined, 'unknown'],
    ['tool_call', 'text', { trust: 'trusted' }, 'trusted'],
    ['tool_call', 'text', { origin: 'x' }, 'untrusted'],
  ])('trusts %s with output %j and source %j as %s', (kind, output, source, trust) => {
    expect(draftOf({ kind, output, source })?.body.source.trust).toBe(trust);
  });

  it.each<[string, object, string]>([
    ['no id', { id: undefined }, '/events/1/id'],
    ['an empty id', { id: '' }, '/events/1/id'],
    ['a long id', { id: 'x'.repeat(129) }, '/events/1/id'],
    ['an id that is not ASCII', { id: 'é' }, '/events/1/id'],
    ['an upper-case trace id', { traceId: 'A'.repeat(32) }, '/events/1/traceId'],
    ['a short span id', { spanId: 'abc' }, '/events/1/spanId'],
    ['an unknown kind', { kind: 'dance' }, '/events/1/kind'],
    ['no start', { startedAt: null }, '/events/1/startedAt'],
    ['a date alone', { startedAt: '2026-11-22' }, '/events/1/startedAt'],
    ['a time without zone', { startedAt: '2026-11-22T08:00:00' }, '/events/1/startedAt'],
    ['a year before 1970', { startedAt: '1969-12-31T23:59:59Z' }, '/events/1/startedAt'],
    ['year zero', { endedAt: '0000-01-01T00:00:00Z' }, '/events/1/endedAt'],
    ['the year 9999', { endedAt: '9999-12-31T23:59:59-12:00' }, '/events/1/endedAt'],
    ['an agent with capitals', { agent: 'Billing Bot' }, '/events/1/agent'],
    ['a worded status', { status: 'fine' }, '/events/1/status'],
    ['negative tokens', { usage: { inputTokens: -1 } }, '/events/1/usage/inputTokens'],
    ['a bad class', { data: { classes: ['a', 5] } }, '/events/1/data/classes/1'],
    ['an unknown trust', { source: { trust: 'clean' } }, '/events/1/source/trust'],
    ['attributes as a list', { attributes: [] }, '/events/1/attributes'],
  ])('rejects %s and keeps its neighbours', (_, broken, pointer) => {
    const { accepted, rejected } = post(minimal, { ...minimal, ...broken }, minimal);
    expect(accepted.map((one) => one.index)).toEqual([0, 2]);
    expect(rejected).toEqual([
      { index: 1, code: 'unprocessable', detail: expect.stringMatching(/^[^\n]+\.$/) },
    ]);
    expect(rejected[0]?.detail).toContain(`${pointer}.`);
  });

  it.each([null, 5, 'x', [], true])('rejects %j in place of an event', (value) => {
    const { accepted, rejected } = post(minimal, value);
    expect(accepted).toHaveLength(1);
    expect(rejected[0]?.index).toBe(1);
  });

  it('keeps keys it does not know, also those named like a prototype', () => {
    const text = JSON.stringify(minimal).replace(/\}$/, ',"colour":"red","__proto__":{"x":1},');
    const { accepted } = postText(`{"events":[${text}"attributes":{"__proto__":1,"b":2}}]}`);
    const attributes = accepted[0]?.draft.body.attributes;
    expect(JSON.stringify(attributes)).toBe('{"__proto__":{"x":1},"b":2,"colour":"red"}');
  });

  it('bounds the attributes, keeping the event’s own first', () => {
    const attributes = Object.fromEntries(
      Array.from({ length: limits.attributesMax }, (_, at) => [`k${at}`, at]),
    );
    expect(draftOf({ attributes })?.flags).toEqual([]);
    const draft = draftOf({ attributes, more: 1 });
    expect(Object.keys(draft?.body.attributes ?? {})).toHaveLength(limits.attributesMax);
    expect(draft?.body.attributes).not.toHaveProperty('more');
    expect(draft?.flags).toEqual(['attributes_dropped']);
  });

  it('flags only the event that has something to flag', () => {
    const event = (input: string) => `${JSON.stringify(minimal).slice(0, -1)},"input":${input}}`;
    const inputs = ['1', '{"a":1,"a":2}', '12345678901234567890', String.raw`"\u0000"`];
    const { accepted } = postText(`{"events":[${inputs.map(event).join(',')}]}`);
    expect(accepted.map((one) => [one.draft.body.input, one.draft.flags])).toEqual([
      [1, []],
      [{ a: 2 }, ['duplicate_key']],
      ['12345678901234567890', ['inexact_number']],
      [String.raw`\u0000`, ['escaped_text']],
    ]);
  });

  it.each([
    ['nothing', ''],
    ['no object', '[]'],
    ['no events', '{}'],
    ['events that are no list', '{"events":{}}'],
    ['events that are null', '{"events":null}'],
    ['a cut body', '{"events":[{"id":1}'],
    ['text after the end', '{"events":[]} x'],
    ['a missing comma', '{"events":[{} {}]}'],
    ['a comma too many', '{"events":[{},]}'],
    ['a comma first', '{"events":[,{}]}'],
    ['mismatched brackets', '{"events":[{"a":[}]]}'],
    ['events named twice', '{"events":[],"events":[]}'],
    ['events named twice in disguise', String.raw`{"events":[],"\u0065vents":[]}`],
    ['a later key that replaces events', '{"events":[],"events":1}'],
    ['too deep nesting', `{"events":[${'['.repeat(64)}${']'.repeat(64)}]}`],
    ['too many events', `{"events":[${'1,'.repeat(limits.eventsPerPostMax)}1]}`],
  ])('refuses %s as a whole', (_, text) => {
    expect(codeOf(() => postText(text))).toBe('bad_request');
  });

  it('takes as many events as the limit says, and none', () => {
    const event = JSON.stringify(minimal);
    const full = postText(`{"events":[${Array(limits.eventsPerPostMax).fill(event).join(',')}]}`);
    expect(full.accepted).toHaveLength(limits.eventsPerPostMax);
    expect(post()).toEqual({ accepted: [], rejected: [] });
  });

  it('ignores other keys around the events and any white space', () => {
    const text = `{ "other":[1,{"events":[9]}],\n "events" : [ ${JSON.stringify(minimal)} ], "z":"]" }`;
    expect(postText(text).accepted).toHaveLength(1);
  });

  it('accepts exactly what the wire schema accepts, and its two bounds', () => {
    const odd = fc.oneof(
      fc.jsonValue(),
      fc.constantFrom('s', 'a/b', 'ok', 'start', 'tool_call', 'x'.repeat(200), 'é'),
      fc.constantFrom('2026-11-22T08:00:00+02:00', '1969-01-01T00:00:00Z', '2026-02-30T00:00:00Z'),
      fc.constantFrom('a'.repeat(16), 'a'.repeat(32)),
    );
    const keys = fc.constantFrom(...Object.keys(wireEventSchema.shape));
    const mutated = fc
      .dictionary(keys, odd, { maxKeys: 2 })
      .map((changes) => ({ ...minimal, ...changes }));
    fc.assert(
      fc.property(mutated, (event) => {
        const parsed = wireEventSchema.safeParse(event);
        const isFine =
          parsed.success &&
          agentSlugSchema.nullish().safeParse(parsed.data.agent).success &&
          isStorableTime(parsed.data.startedAt) &&
          isStorableTime(parsed.data.endedAt ?? parsed.data.startedAt);
        expect(post(event).accepted).toHaveLength(isFine ? 1 : 0);
      }),
      { numRuns: 1000 },
    );
  });
});

describe('readWireEvents', () => {
  it('reads parsed events like posted ones', () => {
    expect(readWireEvents([minimal, { ...minimal, kind: 'x' }])).toEqual(
      post(minimal, { ...minimal, kind: 'x' }),
    );
  });

  it('bounds their number and depth', () => {
    expect(codeOf(() => readWireEvents(Array(limits.eventsPerPostMax + 1).fill(1)))).toBe(
      'bad_request',
    );
    let deep: Json = 1;
    for (let level = 0; level <= limits.jsonDepthMax; level += 1) deep = [deep];
    expect(codeOf(() => readWireEvents([{ ...minimal, input: deep }]))).toBe('bad_request');
  });
});

describe('sliceEvents', () => {
  it('cuts any list of values as the parser would', () => {
    fc.assert(
      fc.property(fc.array(fc.jsonValue()), fc.jsonValue(), fc.nat(4), (events, other, space) => {
        const text = JSON.stringify({ a: other, events, z: other }, null, space);
        expect(sliceEvents(text).map((one) => JSON.parse(one) as unknown)).toEqual(
          JSON.parse(JSON.stringify(events)),
        );
      }),
    );
  });
});

describe('toUtc', () => {
  it.each([
    ['2026-11-22T08:00:00Z', '2026-11-22T08:00:00.000000Z'],
    ['2026-11-22T08:00:00.1Z', '2026-11-22T08:00:00.100000Z'],
    ['2026-11-22T08:00:00.123456789Z', '2026-11-22T08:00:00.123456Z'],
    ['2026-11-22T08:00:00.999999+02:00', '2026-11-22T06:00:00.999999Z'],
    ['2026-11-22T23:30:00-01:30', '2026-11-23T01:00:00.000000Z'],
    ['2026-11-22T08:00Z', '2026-11-22T08:00:00.000000Z'],
  ])('reads %s as %s', (time, utc) => {
    expect(toUtc(time)).toBe(utc);
  });

  it('agrees with Date on every time', () => {
    fc.assert(
      fc.property(
        fc.date({ min: new Date(0), max: new Date('2553-01-01'), noInvalidDate: true }),
        (date) => {
          expect(toUtc(date.toISOString())).toBe(date.toISOString().replace('Z', '000Z'));
        },
      ),
    );
  });
});
