import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { decodeLogs, decodeTraces, countDataPoints, otlpEncodingOf } from './decode-otlp.ts';
import {
  logsJson,
  logsProtobuf,
  testSpan,
  tracesJson,
  tracesProtobuf,
} from '#server/testing/otlp-request.ts';
import type { TestAttributes, TestLog, TestSpan, TestValue } from '#server/testing/otlp-request.ts';

const json = (value: unknown) => Buffer.from(JSON.stringify(value));
const spanRequest = (...spans: unknown[]) => json({ resourceSpans: [{ scopeSpans: [{ spans }] }] });
const attribute = (value: unknown) =>
  spanRequest({ ...testSpan(), attributes: [{ key: 'k', value }] });
const decodedAttribute = (value: unknown) =>
  decodeTraces(attribute(value), 'json').accepted[0]?.attributes['k'];

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    if (isAppError(error)) return error.code;
    throw error;
  }
  return 'no error';
}

describe('otlpEncodingOf', () => {
  it.each([
    ['application/json', 'json'],
    ['application/json; charset=utf-8', 'json'],
    ['Application/X-Protobuf', 'protobuf'],
  ])('reads %s as %s', (contentType, encoding) => {
    expect(otlpEncodingOf(contentType)).toBe(encoding);
  });

  it.each([undefined, '', 'text/plain', 'application/grpc', 'constructor', '__proto__'])(
    'refuses %s',
    (contentType) => {
      expect(codeOf(() => otlpEncodingOf(contentType))).toBe('unsupported_media_type');
    },
  );
});

describe('OTLP/JSON spans', () => {
  it('reads a span as the JavaScript exporter writes it', () => {
    const body = json({
      resourceSpans: [
        {
          resource: {
            attributes: [{ key: 'service.name', value: { stringValue: 'shop' } }],
            droppedAttributesCount: 0,
          },
          scopeSpans: [
            {
              scope: { name: 'ai', version: '7.0.173' },
              spans: [
                {
                  traceId: '4BF92F3577B34DA6A3CE929D0E0E4736',
                  spanId: '00F067AA0BA902B7',
                  parentSpanId: '53995C3F42CD8AD8',
                  name: 'chat gpt-4o',
                  kind: 3,
                  startTimeUnixNano: '1795334400123456789',
                  endTimeUnixNano: '1795334401000000000',
                  attributes: [
                    { key: 'gen_ai.usage.input_tokens', value: { intValue: 12 } },
                    { key: 'big', value: { intValue: '42' } },
                    { key: 'list', value: { arrayValue: { values: [{ stringValue: 'a' }, {}] } } },
                  ],
                  droppedAttributesCount: 0,
                  events: [
                    {
                      name: 'exception',
                      timeUnixNano: '1795334400500000000',
                      attributes: [{ key: 'exception.type', value: { stringValue: 'E' } }],
                    },
                  ],
                  links: [{ traceId: 'a'.repeat(32), spanId: 'B'.repeat(16), attributes: [] }],
                  status: { code: 2, message: 'broken' },
                  flags: 257,
                  somethingNew: { deep: [1] },
                },
              ],
            },
          ],
        },
      ],
    });
    expect(decodeTraces(body, 'json')).toEqual({
      rejected: [],
      accepted: [
        {
          resource: { 'service.name': 'shop' },
          scope: { name: 'ai', version: '7.0.173' },
          traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
          spanId: '00f067aa0ba902b7',
          parentSpanId: '53995c3f42cd8ad8',
          name: 'chat gpt-4o',
          kind: 3,
          startedAt: '2026-11-22T08:00:00.123456Z',
          endedAt: '2026-11-22T08:00:01.000000Z',
          attributes: { 'gen_ai.usage.input_tokens': 12, big: 42, list: ['a', null] },
          events: [
            {
              name: 'exception',
              at: '2026-11-22T08:00:00.500000Z',
              attributes: { 'exception.type': 'E' },
            },
          ],
          links: [{ traceId: 'a'.repeat(32), spanId: 'b'.repeat(16), attributes: {} }],
          statusCode: 2,
          statusMessage: 'broken',
          flags: new Set(),
        },
      ],
    });
  });

  it.each([
    ['string', { stringValue: 'x' }, 'x'],
    ['empty string', { stringValue: '' }, ''],
    ['false', { boolValue: false }, false],
    ['integer as number', { intValue: -7 }, -7],
    ['integer as string', { intValue: '9007199254740991' }, 9007199254740991],
    ['integer beyond a double', { intValue: '9007199254740993' }, '9007199254740993'],
    ['double', { doubleValue: 0.1 }, 0.1],
    ['whole double', { doubleValue: 3 }, 3],
    ['double as string', { doubleValue: '1.5e2' }, 150],
    ['NaN', { doubleValue: 'NaN' }, 'NaN'],
    ['infinity', { doubleValue: '-Infinity' }, '-Infinity'],
    ['bytes, URL-safe and without padding', { bytesValue: '_-8' }, '/+8='],
    ['nothing', {}, null],
    ['absent', undefined, null],
    ['null member', { stringValue: null }, null],
    [
      'key-value list',
      { kvlistValue: { values: [{ key: 'a', value: { intValue: 1 } }] } },
      { a: 1 },
    ],
  ])('reads a %s', (_, value, expected) => {
    expect(decodedAttribute(value)).toEqual(expected);
  });

  it('flags numbers that could not stay numbers', () => {
    const [span] = decodeTraces(attribute({ intValue: '18446744073709551615' }), 'json').accepted;
    expect(span?.flags).toEqual(new Set(['inexact_number']));
  });

  it('keeps prototype keys as data and leaves every prototype alone', () => {
    const value = { kvlistValue: { values: [{ key: '__proto__', value: { stringValue: 'p' } }] } };
    const pairs = [
      { key: '__proto__', value },
      { key: 'constructor', value: { stringValue: 'c' } },
      { key: 'toString', value: { stringValue: 't' } },
    ];
    const [span] = decodeTraces(spanRequest({ ...testSpan(), attributes: pairs }), 'json').accepted;
    expect(JSON.stringify(span?.attributes)).toBe(
      '{"__proto__":{"__proto__":"p"},"constructor":"c","toString":"t"}',
    );
    expect(Object.getPrototypeOf(span?.attributes)).toBe(Object.prototype);
    expect(({} as Record<string, unknown>)['p']).toBeUndefined();
  });

  it('escapes what jsonb refuses, in keys, values, names and messages', () => {
    const body = spanRequest({
      ...testSpan({ name: 'a\0b' }),
      attributes: [{ key: 'k\ud800', value: { stringValue: '\udc00v😀' } }],
      status: { code: 2, message: '\0' },
    });
    const [span] = decodeTraces(body, 'json').accepted;
    expect(span).toMatchObject({
      name: 'a\\u0000b',
      attributes: { 'k\\ud800': '\\udc00v😀' },
      statusMessage: '\\u0000',
    });
    expect(span?.flags).toEqual(new Set(['escaped_text']));
  });

  it.each<[string, object, string]>([
    ['no trace id', { traceId: undefined }, 'traceId'],
    ['a base64 trace id', { traceId: 'S/kvNXezTaajzpKdDg5HNg==' }, 'traceId'],
    ['a zero trace id', { traceId: '0'.repeat(32) }, 'traceId'],
    ['a short span id', { spanId: 'abc' }, 'spanId'],
    ['a zero span id', { spanId: '0'.repeat(16) }, 'spanId'],
    ['a broken parent', { parentSpanId: 'xyz' }, 'parentSpanId'],
    ['no start', { startTimeUnixNano: undefined }, 'startTimeUnixNano'],
    ['a zero start', { startTimeUnixNano: '0' }, 'startTimeUnixNano'],
    ['a negative start', { startTimeUnixNano: '-5' }, 'startTimeUnixNano'],
    ['a start beyond 64 bits', { startTimeUnixNano: '18446744073709551616' }, '64 bits'],
    ['a fractional start', { startTimeUnixNano: 1.5 }, 'startTimeUnixNano'],
    ['an enum by name', { kind: 'SPAN_KIND_CLIENT' }, 'kind'],
    ['a status by name', { status: { code: 'STATUS_CODE_OK' } }, 'code'],
    ['a status that is text', { status: 'ok' }, 'status'],
    ['a name that is a number', { name: 5 }, 'name'],
    ['attributes as an object', { attributes: { a: 1 } }, 'attributes'],
    ['an attribute without key', { attributes: [{ value: { stringValue: 'x' } }] }, 'key'],
    ['a plain attribute value', { attributes: [{ key: 'k', value: 'x' }] }, 'value'],
    ['an unknown value type', { attributes: [{ key: 'k', value: { dateValue: 1 } }] }, 'types'],
    ['a fractional integer', { attributes: [{ key: 'k', value: { intValue: 1.5 } }] }, 'intValue'],
    ['a worded double', { attributes: [{ key: 'k', value: { doubleValue: 'x' } }] }, 'doubleValue'],
    ['events that are no list', { events: {} }, 'events'],
    ['a link without ids', { links: [{}] }, 'traceId'],
  ])('rejects a span with %s and keeps its neighbours', (_, broken, word) => {
    const body = spanRequest(testSpan(), { ...testSpan(), ...broken }, testSpan());
    const { accepted, rejected } = decodeTraces(body, 'json');
    expect(accepted).toHaveLength(2);
    expect(rejected).toEqual([{ index: 1, reason: expect.stringContaining(word) }]);
  });

  it('counts indexes across resources and scopes', () => {
    const good = testSpan();
    const body = json({
      resourceSpans: [
        { scopeSpans: [{ spans: [good] }, { spans: ['broken'] }] },
        { scopeSpans: [{ spans: [good, null] }] },
      ],
    });
    expect(decodeTraces(body, 'json').rejected.map((one) => one.index)).toEqual([1, 3]);
  });

  it.each([
    ['an empty object', {}],
    ['null lists', { resourceSpans: null }],
    ['an empty list', { resourceSpans: [] }],
    ['empty groups', { resourceSpans: [{}, { scopeSpans: [{}] }] }],
  ])('takes %s for an empty request', (_, request) => {
    expect(decodeTraces(json(request), 'json')).toEqual({ accepted: [], rejected: [] });
  });

  it.each([
    ['an array', '[]'],
    ['a string', '"x"'],
    ['null', 'null'],
    ['a list of strings', '{"resourceSpans":["x"]}'],
    ['an object for a list', '{"resourceSpans":{}}'],
    ['spans as an object', '{"resourceSpans":[{"scopeSpans":[{"spans":{}}]}]}'],
    ['no JSON', '{"resourceSpans":'],
    ['nothing', ''],
    ['too deep nesting', '['.repeat(limits.jsonDepthMax + 1) + ']'.repeat(limits.jsonDepthMax + 1)],
    ['a million levels', '['.repeat(1_000_000)],
    [
      'too many keys',
      `{${Array.from({ length: limits.jsonPairsMax + 1 }, (_, at) => `"${at}":0`).join()}}`,
    ],
    ['too many objects', `[${'[],'.repeat(limits.jsonContainersMax)}[]]`],
  ])('refuses %s as a whole', (_, text) => {
    expect(codeOf(() => decodeTraces(Buffer.from(text), 'json'))).toBe('bad_request');
  });
});

describe('a request with too many spans', () => {
  const list = `{"resourceSpans":[{"scopeSpans":[{"spans":[${'0,'.repeat(limits.otlpItemsMax)}0]}]}]}`;

  it('is refused as a whole, whatever they are', () => {
    expect(codeOf(() => decodeTraces(Buffer.from(list), 'json'))).toBe('payload_too_large');
  });
});

describe('OTLP/protobuf', () => {
  it.each([
    ['text', Buffer.from('hello there, not protobuf')],
    ['a cut message', tracesProtobuf({ items: [testSpan()] }).subarray(0, 40)],
    ['JSON', tracesJson({ items: [testSpan()] })],
  ])('refuses %s as a whole', (_, bytes) => {
    expect(codeOf(() => decodeTraces(bytes, 'protobuf'))).toBe('bad_request');
  });

  it('refuses a value that holds itself too often', () => {
    let value: TestValue = 'x';
    for (let level = 0; level < limits.protobufDepthMax; level += 1) value = [value];
    const bytes = tracesProtobuf({ items: [testSpan({ attributes: { value } })] });
    expect(codeOf(() => decodeTraces(bytes, 'protobuf'))).toBe('bad_request');
  });

  it('keeps a span with broken UTF-8', () => {
    const bytes = Buffer.from(tracesProtobuf({ items: [testSpan({ name: 'ZZZZ' })] }));
    bytes[bytes.indexOf('ZZZZ')] = 0xff;
    expect(decodeTraces(bytes, 'protobuf').accepted[0]?.name).toBe('\ufffdZZZ');
  });

  it('rejects a span with short ids and keeps its neighbours', () => {
    const items = [testSpan(), testSpan({ traceId: 'abcd' }), testSpan({ spanId: '' })];
    const { accepted, rejected } = decodeTraces(tracesProtobuf({ items }), 'protobuf');
    expect(accepted).toHaveLength(1);
    expect(rejected.map((one) => one.index)).toEqual([1, 2]);
  });

  it('takes no bytes for an empty request', () => {
    expect(decodeTraces(new Uint8Array(), 'protobuf')).toEqual({ accepted: [], rejected: [] });
  });
});

describe('logs', () => {
  it('reads a record of a span and one of none', () => {
    const request = {
      resource: { 'service.name': 'claude-code' },
      items: [
        {
          traceId: 'c'.repeat(32),
          spanId: 'd'.repeat(16),
          timeUnixNano: '1795334400000000000',
          severityNumber: 9,
          eventName: 'gen_ai.choice',
          body: { kvlist: { message: 'hi' } },
        },
        { observedTimeUnixNano: '1795334400000001000', body: 'text', attributes: { a: 1 } },
      ],
    };
    const { accepted } = decodeLogs(logsJson(request), 'json');
    expect(accepted).toMatchObject([
      { traceId: 'c'.repeat(32), spanId: 'd'.repeat(16), body: { message: 'hi' } },
      { traceId: null, spanId: null, at: '2026-11-22T08:00:00.000001Z', attributes: { a: 1 } },
    ]);
    expect(decodeLogs(logsProtobuf(request), 'protobuf').accepted).toEqual(accepted);
  });

  it('rejects a record that nobody timed', () => {
    const { rejected } = decodeLogs(logsJson({ items: [{ body: 'x' }] }), 'json');
    expect(rejected).toEqual([{ index: 0, reason: 'observedTimeUnixNano is missing.' }]);
  });
});

describe('metrics', () => {
  const metrics = [
    { name: 'a', gauge: { dataPoints: [{}, {}] } },
    { name: 'b', sum: { dataPoints: [{}] } },
    { name: 'c', exponentialHistogram: { dataPoints: [{}] } },
    { name: 'd' },
  ];

  it('counts data points', () => {
    const body = json({ resourceMetrics: [{ scopeMetrics: [{ metrics }] }] });
    expect(countDataPoints(body, 'json')).toBe(4);
    expect(countDataPoints(json({}), 'json')).toBe(0);
    // resource_metrics → scope_metrics → metric → gauge → two data points, written by hand.
    const bytes = Buffer.from('0a0a120812062a040a000a00', 'hex');
    expect(countDataPoints(bytes, 'protobuf')).toBe(2);
    expect(codeOf(() => countDataPoints(Buffer.from('0aff', 'hex'), 'protobuf'))).toBe(
      'bad_request',
    );
  });
});

describe('both encodings', () => {
  const scalar: fc.Arbitrary<TestValue> = fc.oneof(
    fc.constant(null),
    fc.boolean(),
    fc.string({ unit: 'binary' }),
    fc.integer(),
    fc.double(),
    fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }).map((int) => ({ int: String(int) })),
    fc.uint8Array().map((bytes) => ({ bytes: Buffer.from(bytes).toString('base64') })),
  );
  const keys = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor'));
  const { attributes } = fc.letrec<{ value: TestValue; attributes: TestAttributes }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      scalar,
      fc.array(tie('value'), { maxLength: 3 }),
      tie('attributes').map((kvlist) => ({ kvlist })),
    ),
    attributes: fc.dictionary(keys, tie('value'), { maxKeys: 5 }),
  }));
  const nanos = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map(String);
  const hex = (length: number) =>
    fc.string({
      unit: fc.integer({ min: 0, max: 15 }).map((digit) => digit.toString(16)),
      minLength: length,
      maxLength: length,
    });
  const span: fc.Arbitrary<TestSpan> = fc.record({
    traceId: fc.oneof(hex(32), fc.constant('0'.repeat(32)), fc.constant('')),
    spanId: hex(16),
    parentSpanId: fc.oneof(hex(16), fc.constant('')),
    name: fc.string({ unit: 'binary' }),
    kind: fc.integer({ min: 0, max: 6 }),
    startTimeUnixNano: nanos,
    endTimeUnixNano: nanos,
    attributes,
    events: fc.array(fc.record({ name: fc.string(), timeUnixNano: nanos, attributes }), {
      maxLength: 2,
    }),
    status: fc.record({ code: fc.integer({ min: 0, max: 3 }), message: fc.string() }),
  });
  const log: fc.Arbitrary<TestLog> = fc.record({
    traceId: fc.oneof(hex(32), fc.constant('')),
    spanId: fc.oneof(hex(16), fc.constant('')),
    timeUnixNano: nanos,
    observedTimeUnixNano: nanos,
    severityNumber: fc.integer({ min: 0, max: 24 }),
    severityText: fc.string(),
    eventName: fc.string(),
    body: scalar,
    attributes,
  });

  it('decode the same spans to the same', () => {
    fc.assert(
      fc.property(fc.array(span, { maxLength: 4 }), attributes, (items, resource) => {
        const request = { resource, scope: { name: 's', version: '1' }, items };
        expect(decodeTraces(tracesProtobuf(request), 'protobuf')).toEqual(
          decodeTraces(tracesJson(request), 'json'),
        );
      }),
    );
  });

  it('decode the same records to the same', () => {
    fc.assert(
      fc.property(fc.array(log, { maxLength: 4 }), (items) => {
        expect(decodeLogs(logsProtobuf({ items }), 'protobuf')).toEqual(
          decodeLogs(logsJson({ items }), 'json'),
        );
      }),
    );
  });

  it('never throw anything but a refusal, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const encoding of ['json', 'protobuf'] as const) {
          expect(['no error', 'bad_request']).toContain(
            codeOf(() => decodeTraces(bytes, encoding)),
          );
          expect(['no error', 'bad_request']).toContain(codeOf(() => decodeLogs(bytes, encoding)));
        }
      }),
    );
  });

  it('never throw anything but a refusal, whatever the JSON', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const wrapped = { resourceSpans: [{ scopeSpans: [{ spans: [value] }], resource: value }] };
        expect(decodeTraces(json(wrapped), 'json').accepted).toEqual([]);
        expect(['no error', 'bad_request']).toContain(
          codeOf(() => decodeTraces(json(value), 'json')),
        );
      }),
    );
  });
});
