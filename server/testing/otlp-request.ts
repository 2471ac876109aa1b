import { create, toBinary } from '@bufbuild/protobuf';
import type { MessageInitShape } from '@bufbuild/protobuf';
import type {
  AnyValueSchema,
  KeyValueSchema,
  LogRecordSchema,
  SpanSchema,
} from '#server/ingest/otlp/otlp_pb.js';
import {
  ExportLogsServiceRequestSchema,
  ExportTraceServiceRequestSchema,
} from '#server/ingest/otlp/otlp_pb.js';

/** An attribute value as a test writes it; `{ int }` and `{ bytes }` say what JSON cannot. */
export type TestValue =
  | null
  | boolean
  | number
  | string
  | { readonly int: string }
  | { readonly bytes: string }
  | readonly TestValue[]
  | { readonly kvlist: TestAttributes };
export type TestAttributes = Readonly<Record<string, TestValue>>;

export interface TestSpan {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly parentSpanId?: string;
  readonly name?: string;
  readonly kind?: number;
  readonly startTimeUnixNano?: string;
  readonly endTimeUnixNano?: string;
  readonly attributes?: TestAttributes;
  readonly events?: readonly {
    readonly name: string;
    readonly timeUnixNano: string;
    readonly attributes: TestAttributes;
  }[];
  readonly status?: { readonly code: number; readonly message: string };
}

export interface TestLog {
  readonly traceId?: string;
  readonly spanId?: string;
  readonly timeUnixNano?: string;
  readonly observedTimeUnixNano?: string;
  readonly severityNumber?: number;
  readonly severityText?: string;
  readonly eventName?: string;
  readonly body?: TestValue;
  readonly attributes?: TestAttributes;
}

export interface TestRequest<Item> {
  readonly resource?: TestAttributes;
  readonly scope?: { readonly name: string; readonly version: string };
  readonly items: readonly Item[];
}

/** One valid span; `overrides` say what the test is about. */
export function testSpan(overrides: TestSpan = {}): TestSpan {
  return {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    name: 'a span',
    kind: 1,
    startTimeUnixNano: '1795334400000000000',
    endTimeUnixNano: '1795334400120000000',
    ...overrides,
  };
}

/** The request in OTLP/JSON, as the JavaScript exporter writes it. */
export function tracesJson(request: TestRequest<TestSpan>): Buffer {
  const spans = request.items.map((span) => ({
    ...span,
    attributes: jsonPairs(span.attributes),
    events: span.events?.map((event) => ({ ...event, attributes: jsonPairs(event.attributes) })),
  }));
  const group = { resource: { attributes: jsonPairs(request.resource) } };
  return Buffer.from(
    JSON.stringify({
      resourceSpans: [{ ...group, scopeSpans: [{ scope: request.scope, spans }] }],
    }),
  );
}

/** The same request in OTLP/protobuf. */
export function tracesProtobuf(request: TestRequest<TestSpan>): Uint8Array {
  const spans = request.items.map((span): MessageInitShape<typeof SpanSchema> => ({
    ...span,
    traceId: bytesOf(span.traceId),
    spanId: bytesOf(span.spanId),
    parentSpanId: bytesOf(span.parentSpanId),
    attributes: protobufPairs(span.attributes),
    events: (span.events ?? []).map((event) => ({
      ...event,
      attributes: protobufPairs(event.attributes),
    })),
  }));
  const resource = { attributes: protobufPairs(request.resource) };
  const schema = ExportTraceServiceRequestSchema;
  const scopeSpans = [{ scope: request.scope, spans }];
  return toBinary(schema, create(schema, { resourceSpans: [{ resource, scopeSpans }] }));
}

/** Log records in OTLP/JSON. */
export function logsJson(request: TestRequest<TestLog>): Buffer {
  const logRecords = request.items.map((log) => ({
    ...log,
    body: log.body === undefined ? undefined : jsonValue(log.body),
    attributes: jsonPairs(log.attributes),
  }));
  const group = { resource: { attributes: jsonPairs(request.resource) } };
  const scopeLogs = [{ scope: request.scope, logRecords }];
  return Buffer.from(JSON.stringify({ resourceLogs: [{ ...group, scopeLogs }] }));
}

/** The same records in OTLP/protobuf. */
export function logsProtobuf(request: TestRequest<TestLog>): Uint8Array {
  const logRecords = request.items.map((log): MessageInitShape<typeof LogRecordSchema> => ({
    ...log,
    traceId: bytesOf(log.traceId),
    spanId: bytesOf(log.spanId),
    body: log.body === undefined ? undefined : protobufValue(log.body),
    attributes: protobufPairs(log.attributes),
  }));
  const resource = { attributes: protobufPairs(request.resource) };
  const schema = ExportLogsServiceRequestSchema;
  const scopeLogs = [{ scope: request.scope, logRecords }];
  return toBinary(schema, create(schema, { resourceLogs: [{ resource, scopeLogs }] }));
}

function bytesOf(hex: string | undefined): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(hex ?? '', 'hex'));
}

function jsonPairs(attributes: TestAttributes = {}): object[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: jsonValue(value) }));
}

function jsonValue(value: TestValue): object {
  if (value === null) return {};
  if (typeof value === 'string') return { stringValue: value };
  if (typeof value === 'boolean') return { boolValue: value };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value) ? { intValue: value } : { doubleValue: jsonDouble(value) };
  }
  if (isList(value)) return { arrayValue: { values: value.map(jsonValue) } };
  if ('int' in value) return { intValue: value.int };
  if ('bytes' in value) return { bytesValue: value.bytes };
  return { kvlistValue: { values: jsonPairs(value.kvlist) } };
}

/** Protobuf's JSON writes what JSON has no number for as text. */
function jsonDouble(value: number): number | string {
  return Number.isFinite(value) ? value : String(value);
}

function protobufPairs(attributes: TestAttributes = {}): MessageInitShape<typeof KeyValueSchema>[] {
  return Object.entries(attributes).map(([key, value]) => ({ key, value: protobufValue(value) }));
}

function protobufValue(value: TestValue): MessageInitShape<typeof AnyValueSchema> {
  if (value === null) return {};
  if (typeof value === 'string') return { value: { case: 'stringValue', value } };
  if (typeof value === 'boolean') return { value: { case: 'boolValue', value } };
  if (typeof value === 'number') {
    return Number.isSafeInteger(value)
      ? { value: { case: 'intValue', value: String(value) } }
      : { value: { case: 'doubleValue', value } };
  }
  if (isList(value)) {
    return { value: { case: 'arrayValue', value: { values: value.map(protobufValue) } } };
  }
  if ('int' in value) return { value: { case: 'intValue', value: value.int } };
  if ('bytes' in value) {
    const bytes = new Uint8Array(Buffer.from(value.bytes, 'base64'));
    return { value: { case: 'bytesValue', value: bytes } };
  }
  return { value: { case: 'kvlistValue', value: { values: protobufPairs(value.kvlist) } } };
}

function isList(value: TestValue): value is readonly TestValue[] {
  return Array.isArray(value);
}
