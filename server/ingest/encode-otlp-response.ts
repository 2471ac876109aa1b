import { create, toBinary } from '@bufbuild/protobuf';
import type { ErrorCode } from '#server/kernel/errors.ts';
import type { OtlpEncoding } from '#server/ingest/otlp-model.ts';
import {
  ExportLogsServiceResponseSchema,
  ExportMetricsServiceResponseSchema,
  ExportTraceServiceResponseSchema,
  RpcStatusSchema,
} from '#server/ingest/otlp/otlp_pb.js';

/** Body of an OTLP answer, in the encoding of its request. */
export interface OtlpResponse {
  readonly contentType: 'application/json' | 'application/x-protobuf';
  readonly body: Uint8Array;
}

/** Which door answers; each names its rejects differently. */
export type OtlpSignal = 'traces' | 'logs' | 'metrics';

const jsonRejectField = {
  traces: 'rejectedSpans',
  logs: 'rejectedLogRecords',
  metrics: 'rejectedDataPoints',
} as const satisfies Record<OtlpSignal, string>;

/**
 * The 200 of a request. Without rejects and message it is the empty message (`{}`, 0 bytes) with
 * `partialSuccess` unset, as the specification asks. @param message one sentence, `''` for none
 */
export function encodeOtlpSuccess(
  signal: OtlpSignal,
  encoding: OtlpEncoding,
  rejected: number,
  message: string,
): OtlpResponse {
  const isPartial = rejected > 0 || message !== '';
  if (encoding === 'json') {
    // An int64 is a string in protobuf's JSON.
    const partialSuccess = { [jsonRejectField[signal]]: String(rejected), errorMessage: message };
    return jsonResponse(isPartial ? { partialSuccess } : {});
  }
  if (!isPartial) return protobufResponse(new Uint8Array());
  return protobufResponse(encodePartial(signal, BigInt(rejected), message));
}

function encodePartial(signal: OtlpSignal, rejected: bigint, errorMessage: string): Uint8Array {
  switch (signal) {
    case 'traces': {
      const partialSuccess = { rejectedSpans: rejected, errorMessage };
      const schema = ExportTraceServiceResponseSchema;
      return toBinary(schema, create(schema, { partialSuccess }));
    }
    case 'logs': {
      const partialSuccess = { rejectedLogRecords: rejected, errorMessage };
      const schema = ExportLogsServiceResponseSchema;
      return toBinary(schema, create(schema, { partialSuccess }));
    }
    case 'metrics': {
      const partialSuccess = { rejectedDataPoints: rejected, errorMessage };
      const schema = ExportMetricsServiceResponseSchema;
      return toBinary(schema, create(schema, { partialSuccess }));
    }
  }
}

/** google.rpc.Code of each refusal (github.com/googleapis/googleapis google/rpc/code.proto). */
const rpcCodes: Readonly<Record<ErrorCode, number>> = {
  bad_request: 3,
  unprocessable: 3,
  invalid_arguments: 3,
  unsupported_media_type: 3,
  agent_mismatch: 7,
  forbidden: 7,
  gone: 5,
  not_found: 5,
  conflict: 6,
  id_conflict: 6,
  payload_too_large: 8,
  rate_limited: 8,
  internal: 13,
  store_unavailable: 14,
  halted: 9,
  denied: 7,
  self_approval: 7,
  expired: 9,
  consumed: 10,
  args_mismatch: 10,
  plan_mismatch: 10,
  policy_changed: 10,
  schema_changed: 10,
  superseded: 10,
  unrepresentable: 3,
  idempotency_mismatch: 3,
  idempotency_in_flight: 10,
  unauthenticated: 16,
};

/** The body of an OTLP error: a google.rpc.Status. `message` is read by strangers. */
export function encodeOtlpError(
  encoding: OtlpEncoding,
  code: ErrorCode,
  message: string,
): OtlpResponse {
  const status = { code: rpcCodes[code], message };
  if (encoding === 'json') return jsonResponse(status);
  return protobufResponse(toBinary(RpcStatusSchema, create(RpcStatusSchema, status)));
}

function jsonResponse(value: object): OtlpResponse {
  return { contentType: 'application/json', body: Buffer.from(JSON.stringify(value)) };
}

function protobufResponse(body: Uint8Array): OtlpResponse {
  return { contentType: 'application/x-protobuf', body };
}
