import type { EventFlag, Json, JsonObject } from '#server/telemetry/contract.ts';

/** OTLP's two encodings; an answer uses the one of its request. */
export type OtlpEncoding = 'json' | 'protobuf';

/** StatusCode of a span: the specification's numbers. */
export const otlpStatus = { unset: 0, ok: 1, error: 2 } as const;

/**
 * What both encodings decode to. Ids are lower-case hex, times RFC 3339 UTC with microseconds,
 * attributes plain JSON of which every text can be stored. Resource and scope are shared by all the
 * spans that came under them.
 */
export interface OtlpSpan {
  readonly resource: JsonObject;
  readonly scope: OtlpScope;
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string | null;
  readonly name: string;
  /** SpanKind: 1 internal, 2 server, 3 client, 4 producer, 5 consumer; 0 and others unknown. */
  readonly kind: number;
  readonly startedAt: string;
  readonly endedAt: string | null;
  readonly attributes: JsonObject;
  readonly events: readonly OtlpSpanEvent[];
  readonly links: readonly OtlpLink[];
  readonly statusCode: number;
  readonly statusMessage: string;
  readonly flags: ReadonlySet<EventFlag>;
}

/** Instrumentation scope: which library made the span; `''` when it did not say. */
export interface OtlpScope {
  readonly name: string;
  readonly version: string;
}

export interface OtlpSpanEvent {
  readonly name: string;
  readonly at: string | null;
  readonly attributes: JsonObject;
}

export interface OtlpLink {
  readonly traceId: string;
  readonly spanId: string;
  readonly attributes: JsonObject;
}

export interface OtlpLog {
  readonly resource: JsonObject;
  readonly scope: OtlpScope;
  /** Null when the record belongs to no span. */
  readonly traceId: string | null;
  readonly spanId: string | null;
  /** The event's own time, else when it was observed. */
  readonly at: string;
  readonly severityNumber: number;
  readonly severityText: string;
  readonly eventName: string;
  readonly body: Json;
  readonly attributes: JsonObject;
  readonly flags: ReadonlySet<EventFlag>;
}

/** One span or record that cannot be kept; the others of its batch are. */
export interface OtlpRejection {
  /** Place among all spans (or records) of the request, from 0. */
  readonly index: number;
  /** One sentence. */
  readonly reason: string;
}

export interface DecodedOtlp<Item> {
  readonly accepted: readonly Item[];
  readonly rejected: readonly OtlpRejection[];
}
