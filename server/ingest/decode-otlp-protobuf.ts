import { fromBinary } from '@bufbuild/protobuf';
import type { DescMessage, MessageShape } from '@bufbuild/protobuf';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { cleanText, setOwn } from '#server/ingest/clean-text.ts';
import type { EventFlag, Json, JsonObject } from '#server/telemetry/contract.ts';
import type { DecodedOtlp, OtlpLog, OtlpScope, OtlpSpan } from '#server/ingest/otlp-model.ts';
import {
  ItemCollector,
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
import {
  ExportLogsServiceRequestSchema,
  ExportMetricsServiceRequestSchema,
  ExportTraceServiceRequestSchema,
} from '#server/ingest/otlp/otlp_pb.js';
import type {
  AnyValue,
  InstrumentationScope,
  KeyValue,
  LogRecord,
  Span,
} from '#server/ingest/otlp/otlp_pb.js';

/** Spans of an encoded ExportTraceServiceRequest. @throws AppError bad_request when it is none */
export function decodeProtobufTraces(bytes: Uint8Array): DecodedOtlp<OtlpSpan> {
  const spans = new ItemCollector<OtlpSpan>();
  for (const group of decode(ExportTraceServiceRequestSchema, bytes).resourceSpans) {
    const resource = readAttributes(group.resource?.attributes ?? [], new Set());
    for (const inner of group.scopeSpans) {
      const scope = readScope(inner.scope);
      for (const span of inner.spans) spans.add(() => readSpan(span, resource, scope));
    }
  }
  return spans.result();
}

/** Records of an encoded ExportLogsServiceRequest. @throws AppError bad_request when it is none */
export function decodeProtobufLogs(bytes: Uint8Array): DecodedOtlp<OtlpLog> {
  const logs = new ItemCollector<OtlpLog>();
  for (const group of decode(ExportLogsServiceRequestSchema, bytes).resourceLogs) {
    const resource = readAttributes(group.resource?.attributes ?? [], new Set());
    for (const inner of group.scopeLogs) {
      const scope = readScope(inner.scope);
      for (const record of inner.logRecords) logs.add(() => readLog(record, resource, scope));
    }
  }
  return logs.result();
}

/** Data points of an encoded ExportMetricsServiceRequest. @throws AppError bad_request */
export function countProtobufDataPoints(bytes: Uint8Array): number {
  let points = 0;
  for (const group of decode(ExportMetricsServiceRequestSchema, bytes).resourceMetrics) {
    for (const inner of group.scopeMetrics) {
      for (const metric of inner.metrics) points += metric.data.value?.dataPoints.length ?? 0;
    }
  }
  return points;
}

function decode<Desc extends DescMessage>(schema: Desc, bytes: Uint8Array): MessageShape<Desc> {
  try {
    return fromBinary(schema, bytes, {
      readUnknownFields: false,
      recursionLimit: limits.protobufDepthMax,
    });
  } catch (cause) {
    throw new AppError(
      'bad_request',
      'This is not an OTLP/protobuf request, or it is nested too deeply: check the exporter.',
      { cause },
    );
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('hex');
}

function readScope(scope: InstrumentationScope | undefined): OtlpScope {
  const flags = new Set<EventFlag>();
  return {
    name: readName(scope?.name ?? '', flags),
    version: readName(scope?.version ?? '', flags),
  };
}

function readSpan(span: Span, resource: JsonObject, scope: OtlpScope): OtlpSpan {
  const flags = new Set<EventFlag>();
  return {
    resource,
    scope,
    traceId: requireTraceId(hex(span.traceId)),
    spanId: requireSpanId(hex(span.spanId)),
    parentSpanId: optionalSpanId(hex(span.parentSpanId), 'parentSpanId'),
    name: readName(span.name, flags),
    kind: span.kind,
    startedAt: requireUnixNano(span.startTimeUnixNano, 'startTimeUnixNano'),
    endedAt: readUnixNano(span.endTimeUnixNano, 'endTimeUnixNano'),
    attributes: readAttributes(span.attributes, flags),
    events: span.events.map((event) => ({
      name: readName(event.name, flags),
      at: readUnixNano(event.timeUnixNano, 'timeUnixNano'),
      attributes: readAttributes(event.attributes, flags),
    })),
    links: span.links.map((link) => ({
      traceId: requireTraceId(hex(link.traceId)),
      spanId: requireSpanId(hex(link.spanId)),
      attributes: readAttributes(link.attributes, flags),
    })),
    statusCode: span.status?.code ?? 0,
    statusMessage: cleanText(span.status?.message ?? '', flags),
    flags,
  };
}

function readLog(record: LogRecord, resource: JsonObject, scope: OtlpScope): OtlpLog {
  const flags = new Set<EventFlag>();
  const at =
    readUnixNano(record.timeUnixNano, 'timeUnixNano') ??
    requireUnixNano(record.observedTimeUnixNano, 'observedTimeUnixNano');
  return {
    resource,
    scope,
    traceId: optionalTraceId(hex(record.traceId)),
    spanId: optionalSpanId(hex(record.spanId), 'spanId'),
    at,
    severityNumber: record.severityNumber,
    severityText: readName(record.severityText, flags),
    eventName: readName(record.eventName, flags),
    body: readAnyValue(record.body, flags),
    attributes: readAttributes(record.attributes, flags),
    flags,
  };
}

function readAttributes(pairs: readonly KeyValue[], flags: Set<EventFlag>): JsonObject {
  const attributes: Record<string, Json> = {};
  for (const pair of pairs) {
    setOwn(attributes, cleanText(pair.key, flags), readAnyValue(pair.value, flags));
  }
  return attributes;
}

function readAnyValue(any: AnyValue | undefined, flags: Set<EventFlag>): Json {
  const value = any?.value;
  switch (value?.case) {
    case 'stringValue':
      return cleanText(value.value, flags);
    case 'boolValue':
      return value.value;
    case 'intValue':
      return readInteger(value.value, flags);
    case 'doubleValue':
      return readDouble(value.value, flags);
    case 'arrayValue':
      return value.value.values.map((item) => readAnyValue(item, flags));
    case 'kvlistValue':
      return readAttributes(value.value.values, flags);
    case 'bytesValue':
      return Buffer.from(value.value).toString('base64');
    case undefined:
      return null;
  }
}
