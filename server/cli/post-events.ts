import { setTimeout as wait } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import { type IngestAnswer, ingestAnswerSchema } from '#server/ingest/contract.ts';
import type { WireEvent } from '#server/telemetry/contract.ts';

const gzipAsync = promisify(gzip);

/** Where events go, and as whom. */
export interface Door {
  /** `http://127.0.0.1:3000`, without a trailing slash. */
  readonly url: string;
  readonly key: string;
}

export interface PostOptions {
  /** Called before each further try of the same request. */
  readonly onRetry?: () => void;
  /** Give up when this much time has passed since the first try. */
  readonly patienceMs?: number;
  readonly stopped?: AbortSignal;
}

const patienceMsDefault = 120_000;
const requestTimeoutMs = 60_000;
const pauseMsMin = 100;
const pauseMsMax = 5_000;
const problemSchema = z.object({ detail: z.string() });

/** A refusal that trying again cannot change: a wrong key, a body that is no batch. */
export class PostRefused extends Error {
  readonly status: number;

  constructor(status: number, detail: string) {
    super(`The door answered ${status}: ${detail}`);
    this.name = 'PostRefused';
    this.status = status;
  }
}

/**
 * How long to wait before the next try, in ms: what `Retry-After` asks for (seconds, or a date),
 * else doubling. Pure; `now` in ms.
 */
export function pauseBefore(tries: number, retryAfter: string | null, now: number): number {
  const grown = Math.min(pauseMsMin * 2 ** Math.min(tries - 1, 10), pauseMsMax);
  if (retryAfter === null || retryAfter.trim() === '') return grown;
  const seconds = Number(retryAfter);
  const asked = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(retryAfter) - now;
  return Number.isFinite(asked) ? Math.min(Math.max(asked, 0), 60_000) : grown;
}

type Attempt =
  | { readonly is: 'answered'; readonly answer: IngestAnswer }
  | { readonly is: 'busy'; readonly retryAfter: string | null; readonly reason: string };

/** One try. @throws PostRefused for an answer that will not change. */
async function tryOnce(door: Door, body: Buffer, stopped?: AbortSignal): Promise<Attempt> {
  let response: Response;
  const timeout = AbortSignal.timeout(requestTimeoutMs);
  try {
    response = await fetch(`${door.url}/api/v1/events`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${door.key}`,
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      },
      body: new Uint8Array(body),
      signal: stopped ? AbortSignal.any([stopped, timeout]) : timeout,
    });
  } catch (cause) {
    stopped?.throwIfAborted();
    // Nothing came back. Sending again is safe: an event is stored once for its id.
    return { is: 'busy', retryAfter: null, reason: reasonOf(cause) };
  }
  const text = await response.text().catch(() => '');
  if (response.status === 200 || response.status === 207) {
    return { is: 'answered', answer: ingestAnswerSchema.parse(JSON.parse(text)) };
  }
  const detail = detailOf(text);
  if (response.status === 429 || response.status >= 502) {
    const retryAfter = response.headers.get('retry-after');
    return { is: 'busy', retryAfter, reason: `${response.status}: ${detail}` };
  }
  throw new PostRefused(response.status, detail);
}

/** The innermost message: fetch itself only says that it failed. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? reasonOf(error.cause) : error.message;
}

function detailOf(text: string): string {
  try {
    return problemSchema.parse(JSON.parse(text)).detail;
  } catch {
    return text.slice(0, 200);
  }
}

/**
 * Posts one batch through the public door, gzipped, and waits until it is durable. A door that is
 * busy or away (429, 503, no answer) is tried again as it asks, until patience ends.
 * @throws PostRefused at once for what will not change; Error when patience ends.
 */
export async function postEvents(
  door: Door,
  events: readonly WireEvent[],
  options: PostOptions = {},
): Promise<IngestAnswer> {
  const body = await gzipAsync(JSON.stringify({ events }));
  const deadline = Date.now() + (options.patienceMs ?? patienceMsDefault);
  for (let tries = 1; ; tries += 1) {
    const attempt = await tryOnce(door, body, options.stopped);
    if (attempt.is === 'answered') return attempt.answer;
    const pauseMs = pauseBefore(tries, attempt.retryAfter, Date.now());
    if (Date.now() + pauseMs > deadline) {
      throw new Error(`No batch could be stored at ${door.url} in time (${attempt.reason}).`);
    }
    options.onRetry?.();
    await wait(pauseMs, undefined, { signal: options.stopped });
  }
}
