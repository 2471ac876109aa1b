import { AppError } from '#server/kernel/errors.ts';
import { parseJsonBody } from '#server/ingest/parse-json.ts';
import {
  countJsonDataPoints,
  decodeJsonLogs,
  decodeJsonTraces,
} from '#server/ingest/decode-otlp-json.ts';
import {
  countProtobufDataPoints,
  decodeProtobufLogs,
  decodeProtobufTraces,
} from '#server/ingest/decode-otlp-protobuf.ts';
import type { DecodedOtlp, OtlpEncoding, OtlpLog, OtlpSpan } from '#server/ingest/otlp-model.ts';

const encodingByMediaType: Readonly<Record<string, OtlpEncoding>> = {
  'application/json': 'json',
  'application/x-protobuf': 'protobuf',
};

/**
 * The encoding that a Content-Type names; parameters such as `charset` are ignored.
 * @throws AppError unsupported_media_type
 */
export function otlpEncodingOf(contentType: string | undefined): OtlpEncoding {
  const mediaType = (contentType ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  const encoding = Object.hasOwn(encodingByMediaType, mediaType)
    ? encodingByMediaType[mediaType]
    : undefined;
  if (encoding !== undefined) return encoding;
  throw new AppError(
    'unsupported_media_type',
    'Send OTLP as application/x-protobuf or application/json.',
  );
}

/**
 * Inflated body of `/v1/traces` → spans. One bad span is rejected with its reason and never costs
 * its batch; an empty request has none of either. @throws AppError bad_request when undecodable
 */
export function decodeTraces(body: Uint8Array, encoding: OtlpEncoding): DecodedOtlp<OtlpSpan> {
  return encoding === 'json' ? decodeJsonTraces(parseJsonBody(body)) : decodeProtobufTraces(body);
}

/** Inflated body of `/v1/logs` → records, as {@link decodeTraces}. @throws AppError bad_request */
export function decodeLogs(body: Uint8Array, encoding: OtlpEncoding): DecodedOtlp<OtlpLog> {
  return encoding === 'json' ? decodeJsonLogs(parseJsonBody(body)) : decodeProtobufLogs(body);
}

/**
 * How many data points the inflated body of `/v1/metrics` carries: all are answered as rejected,
 * for Signalbox keeps no metrics. @throws AppError bad_request when undecodable
 */
export function countDataPoints(body: Uint8Array, encoding: OtlpEncoding): number {
  return encoding === 'json'
    ? countJsonDataPoints(parseJsonBody(body))
    : countProtobufDataPoints(body);
}
