import type { AgentRequest, AgentResponse, AgentRoute } from '#server/http/agent-route.ts';
import { problemOf } from '#server/http/problem.ts';
import type { RejectedEvent } from '#server/ingest/contract.ts';
import {
  countDataPoints,
  decodeLogs,
  decodeTraces,
  otlpEncodingOf,
} from '#server/ingest/decode-otlp.ts';
import { encodeOtlpError, encodeOtlpSuccess } from '#server/ingest/encode-otlp-response.ts';
import type { OtlpSignal } from '#server/ingest/encode-otlp-response.ts';
import { normaliseBatch } from '#server/ingest/normalise/normalise-batch.ts';
import { normaliseLog } from '#server/ingest/normalise/normalise-log.ts';
import { normaliseSpan } from '#server/ingest/normalise/normalise-span.ts';
import type { OtlpEncoding } from '#server/ingest/otlp-model.ts';
import { storeDecoded } from '#server/ingest/store-decoded.ts';
import type { Ingest } from '#server/ingest/store-events.ts';
import { errorCodes } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * OTLP/HTTP: `POST /api/otlp/v1/{traces,logs,metrics}`, protobuf or JSON, each answered in the
 * encoding of its request. Stock exporters drop a batch for good on 400, 401 and 500 and try again
 * on 429 and 503: so a database that is away is a 503 (`problemOf`), never a 500.
 */
export function otlpRoutes(ingest: Ingest): AgentRoute[] {
  return [
    otlpRoute('traces', ({ ctx, body }, encoding) => {
      const batch = normaliseBatch(decodeTraces(body, encoding), normaliseSpan);
      return storeDecoded(ctx, ingest, batch, 'revise');
    }),
    otlpRoute('logs', ({ ctx, body }, encoding) => {
      const batch = normaliseBatch(decodeLogs(body, encoding), normaliseLog);
      return storeDecoded(ctx, ingest, batch, 'revise');
    }),
    otlpRoute('metrics', ({ body }, encoding) => {
      const count = countDataPoints(body, encoding);
      return Promise.resolve({
        count,
        detail: 'Signalbox keeps no metrics; send traces and logs.',
      });
    }),
  ];
}

/** What a door has to say of rejects: each of them, or how many and why. */
type Rejects =
  | { readonly rejected: readonly RejectedEvent[] }
  | { readonly count: number; readonly detail: string };

function otlpRoute(
  signal: OtlpSignal,
  receive: (request: AgentRequest, encoding: OtlpEncoding) => Promise<Rejects>,
): AgentRoute {
  return {
    method: 'POST',
    url: `/api/otlp/v1/${signal}`,
    permission: 'telemetry.ingest',
    bodyBytesMax: limits.telemetryBodyBytesMax,
    handle: async (request) => {
      const encoding = otlpEncodingOf(request.contentType);
      const rejects = await receive(request, encoding);
      const [count, message] = summarise(rejects);
      return { status: 200, ...encodeOtlpSuccess(signal, encoding, count, message) };
    },
    encodeError,
  };
}

function summarise(rejects: Rejects): [count: number, message: string] {
  if ('count' in rejects) return [rejects.count, rejects.count === 0 ? '' : rejects.detail];
  const [first] = rejects.rejected;
  if (first === undefined) return [0, ''];
  return [rejects.rejected.length, `Number ${first.index}: ${first.detail}`];
}

/** A google.rpc.Status in the encoding of the request; JSON when that is unknown. */
function encodeError(
  error: unknown,
  requestId: string,
  contentType: string | undefined,
): AgentResponse {
  const problem = problemOf(error, requestId);
  const code = problem.type.replace('/problems/', '').replaceAll('-', '_');
  const known = errorCodes.find((one) => one === code) ?? 'internal';
  const encoding = encodingOr(contentType, 'json');
  return { status: problem.status, ...encodeOtlpError(encoding, known, problem.detail) };
}

function encodingOr(contentType: string | undefined, fallback: OtlpEncoding): OtlpEncoding {
  try {
    return otlpEncodingOf(contentType);
  } catch {
    return fallback;
  }
}
