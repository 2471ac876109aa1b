import { AppError } from '#server/kernel/errors.ts';
import { cleanText, setOwn } from '#server/ingest/clean-text.ts';
import type { EventFlag, Json, JsonObject } from '#server/telemetry/contract.ts';
import type {
  DecodedOtlp,
  OtlpLink,
  OtlpLog,
  OtlpScope,
  OtlpSpan,
  OtlpSpanEvent,
} from '#server/ingest/otlp-model.ts';
import {
  ItemCollector,
  ItemError,
  optionalSpanId,
  optionalTraceId,
  readDouble,
  readInteger,
  readName,
  readUnixNano,
  requireSpanId,
  requireTraceId,
  requireUnixNano,
} from '#server/ingest/otlp-fields.ts';

/**
 * OTLP/JSON, which is not quite protobuf's JSON: ids are hex, not base64 (a generic `fromJson`
 * turns a trace id into 24 bytes without an error), enums are integers only, 64-bit integers come as
 * strings or numbers, unknown fields are ignored, and null means absent.
 */

type Members = { readonly [key: string]: unknown };

/** Spans of a parsed ExportTraceServiceRequest. @throws AppError bad_request when it is none */
export function decodeJsonTraces(request: unknown): DecodedOtlp<OtlpSpan> {
  const spans = new ItemCollector<OtlpSpan>();
  for (const group of containers(request, 'resourceSpans')) {
    const resource = readResource(group['resource']);
    for (const inner of containers(group, 'scopeSpans')) {
      const scope = readScope(inner['scope']);
      for (const span of items(inner, 'spans')) {
        spans.add(() => readSpan(members(span, 'span'), resource, scope));
      }
    }
  }
  return spans.result();
}

/** Records of a parsed ExportLogsServiceRequest. @throws AppError bad_request when it is none */
export function decodeJsonLogs(request: unknown): DecodedOtlp<OtlpLog> {
  const logs = new ItemCollector<OtlpLog>();
  for (const group of containers(request, 'resourceLogs')) {
    const resource = readResource(group['resource']);
    for (const inner of containers(group, 'scopeLogs')) {
      const scope = readScope(inner['scope']);
      for (const record of items(inner, 'logRecords')) {
        logs.add(() => readLog(members(record, 'log record'), resource, scope));
      }
    }
  }
  return logs.result();
}

const metricFields = ['gauge', 'sum', 'histogram', 'exponentialHistogram', 'summary'] as const;

/** Data points of a parsed ExportMetricsServiceRequest. @throws AppError bad_request when it is none */
export function countJsonDataPoints(request: unknown): number {
  let points = 0;
  for (const group of containers(request, 'resourceMetrics')) {
    for (const inner of containers(group, 'scopeMetrics')) {
      for (const metric of containers(inner, 'metrics')) {
        for (const field of metricFields) {
          const data = metric[field];
          if (isMembers(data)) points += items(data, 'dataPoints').length;
        }
      }
    }
  }
  return points;
}

/** The list at `field` of something that is not one item of the batch: wrong means undecodable. */
function items(parent: unknown, field: string): readonly unknown[] {
  if (!isMembers(parent)) throw undecodable(`the value around ${field} must be an object`);
  const list = parent[field] ?? [];
  if (!Array.isArray(list)) throw undecodable(`${field} must be an array`);
  return list;
}

function containers(parent: unknown, field: string): readonly Members[] {
  return items(parent, field).map((entry) => {
    if (!isMembers(entry)) throw undecodable(`${field} must hold objects`);
    return entry;
  });
}

function undecodable(what: string): AppError {
  return new AppError('bad_request', `This is not an OTLP/JSON request: ${what}.`);
}

function isMembers(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function members(value: unknown, what: string): Members {
  if (isMembers(value)) return value;
  throw new ItemError(`${what} must be an object.`);
}

/** A resource is shared by many spans: a broken one leaves them without, it does not reject them. */
function readResource(value: unknown): JsonObject {
  if (!isMembers(value)) return {};
  try {
    return readAttributes(value['attributes'], new Set());
  } catch (error) {
    if (error instanceof ItemError) return {};
    throw error;
  }
}

function readScope(value: unknown): OtlpScope {
  if (!isMembers(value)) return { name: '', version: '' };
  const flags = new Set<EventFlag>();
  const { name, version } = value;
  return {
    name: typeof name === 'string' ? readName(name, flags) : '',
    version: typeof version === 'string' ? readName(version, flags) : '',
  };
}

function readSpan(span: Members, resource: JsonObject, scope: OtlpScope): OtlpSpan {
  const flags = new Set<EventFlag>();
  const status = span['status'] ?? {};
  if (!isMembers(status)) throw new ItemError('status must be an object.');
  return {
    resource,
    scope,
    traceId: requireTraceId(hex(span, 'traceId')),
    spanId: requireSpanId(hex(span, 'spanId')),
    parentSpanId: optionalSpanId(hex(span, 'parentSpanId'), 'parentSpanId'),
    name: readName(text(span, 'name'), flags),
    kind: enumeration(span, 'kind'),
    startedAt: requireUnixNano(digits(span, 'startTimeUnixNano'), 'startTimeUnixNano'),
    endedAt: readUnixNano(digits(span, 'endTimeUnixNano'), 'endTimeUnixNano'),
    attributes: readAttributes(span['attributes'], flags),
    events: list(span, 'events').map((event) => readSpanEvent(event, flags)),
    links: list(span, 'links').map((link) => readLink(link, flags)),
    statusCode: enumeration(status, 'code'),
    statusMessage: cleanText(text(status, 'message'), flags),
    flags,
  };
}

function readSpanEvent(value: unknown, flags: Set<EventFlag>): OtlpSpanEvent {
  const event = members(value, 'events');
  return {
    name: readName(text(event, 'name'), flags),
    at: readUnixNano(digits(event, 'timeUnixNano'), 'timeUnixNano'),
    attributes: readAttributes(event['attributes'], flags),
  };
}

function readLink(value: unknown, flags: Set<EventFlag>): OtlpLink {
  const link = members(value, 'links');
  return {
    traceId: requireTraceId(hex(link, 'traceId')),
    spanId: requireSpanId(hex(link, 'spanId')),
    attributes: readAttributes(link['attributes'], flags),
  };
}

function readLog(record: Members, resource: JsonObject, scope: OtlpScope): OtlpLog {
  const flags = new Set<EventFlag>();
  const at =
    readUnixNano(digits(record, 'timeUnixNano'), 'timeUnixNano') ??
    requireUnixNano(digits(record, 'observedTimeUnixNano'), 'observedTimeUnixNano');
  return {
    resource,
    scope,
    traceId: optionalTraceId(hex(record, 'traceId')),
    spanId: optionalSpanId(hex(record, 'spanId'), 'spanId'),
    at,
    severityNumber: enumeration(record, 'severityNumber'),
    severityText: readName(text(record, 'severityText'), flags),
    eventName: readName(text(record, 'eventName'), flags),
    body: readAnyValue(record['body'], flags),
    attributes: readAttributes(record['attributes'], flags),
    flags,
  };
}

function readAttributes(value: unknown, flags: Set<EventFlag>): JsonObject {
  const attributes: Record<string, Json> = {};
  if (value === undefined || value === null) return attributes;
  if (!Array.isArray(value)) throw new ItemError('attributes must be an array.');
  for (const entry of value) {
    const pair = members(entry, 'attributes');
    const key = pair['key'];
    if (typeof key !== 'string') throw new ItemError('An attribute needs a key.');
    setOwn(attributes, cleanText(key, flags), readAnyValue(pair['value'], flags));
  }
  return attributes;
}

function readAnyValue(value: unknown, flags: Set<EventFlag>): Json {
  if (value === undefined || value === null) return null;
  const any = members(value, 'An attribute value');
  if (typeof any['stringValue'] === 'string') return cleanText(any['stringValue'], flags);
  if (typeof any['boolValue'] === 'boolean') return any['boolValue'];
  const integer = any['intValue'];
  if (integer !== undefined && integer !== null) return readIntegerValue(integer, flags);
  const double = any['doubleValue'];
  if (double !== undefined && double !== null) return readDoubleValue(double, flags);
  if (isMembers(any['arrayValue'])) {
    return list(any['arrayValue'], 'values').map((item) => readAnyValue(item, flags));
  }
  if (isMembers(any['kvlistValue'])) return readAttributes(any['kvlistValue']['values'], flags);
  if (typeof any['bytesValue'] === 'string') {
    return Buffer.from(any['bytesValue'], 'base64').toString('base64');
  }
  if (Object.values(any).every((member) => member === null)) return null;
  throw new ItemError('An attribute value has none of the types that OTLP knows.');
}

function readIntegerValue(value: unknown, flags: Set<EventFlag>): Json {
  if (typeof value === 'number' && Number.isInteger(value)) {
    return readInteger(BigInt(value).toString(), flags);
  }
  if (typeof value === 'string' && /^-?\d{1,20}$/.test(value)) {
    return readInteger(BigInt(value).toString(), flags);
  }
  throw new ItemError('intValue must be an integer.');
}

function readDoubleValue(value: unknown, flags: Set<EventFlag>): Json {
  if (typeof value === 'number') return readDouble(value, flags);
  const isNumeral =
    typeof value === 'string' && /^(-?Infinity|NaN|-?[\d.]+(e[+-]?\d+)?)$/i.test(value);
  if (isNumeral) return readDouble(Number(value), flags);
  throw new ItemError('doubleValue must be a number.');
}

function list(parent: Members, field: string): readonly unknown[] {
  const value = parent[field] ?? [];
  if (Array.isArray(value)) return value;
  throw new ItemError(`${field} must be an array.`);
}

function text(parent: Members, field: string): string {
  const value = parent[field] ?? '';
  if (typeof value === 'string') return value;
  throw new ItemError(`${field} must be a string.`);
}

function hex(parent: Members, field: string): string {
  return text(parent, field).toLowerCase();
}

function digits(parent: Members, field: string): string {
  const value = parent[field] ?? '0';
  if (typeof value === 'string') return value === '' ? '0' : value;
  if (typeof value === 'number' && Number.isInteger(value)) return BigInt(value).toString();
  throw new ItemError(`${field} must be nanoseconds since 1970.`);
}

/** Enums travel as integers; a name, which protobuf's own JSON would allow, is an error here. */
function enumeration(parent: Members, field: string): number {
  const value = parent[field] ?? 0;
  if (typeof value === 'number' && Number.isInteger(value)) return value;
  throw new ItemError(`${field} must be an integer.`);
}
