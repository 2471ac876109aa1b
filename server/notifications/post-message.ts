import { lookup } from 'node:dns';
import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { limits } from '#server/kernel/limits.ts';
import { isPrivateAddress } from '#server/kernel/private-address.ts';
import type { Attempt } from './delivery-state.ts';

/** A message as it goes out: signed bytes, never serialised again. */
export interface Message {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** What a receiver answered. */
export interface Answer {
  readonly status: number;
  /** How long it asks to be left alone; null where it does not say. */
  readonly retryAfterMs: number | null;
  /** Of a 400, its beginning at least; empty for every other: its words are not ours. */
  readonly body: Buffer;
}

export interface PostOptions {
  readonly privateReceivers: ReadonlySet<string>;
  readonly timeoutMs?: number;
}

/** Of the body that says why a message was not taken. */
const bodyBytesMax = 4096;

/** The name would lead into a private network. */
class PrivateReceiver extends Error {}

/**
 * Resolves a name once and connects to what was checked: a name that answers a public address to the
 * check and a private one to the connection would otherwise get through.
 */
const lookupPublic: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, '');
    const isPublic = addresses.every(({ address }) => !isPrivateAddress(address));
    if (!isPublic) return callback(new PrivateReceiver(), '');
    if (options.all === true) return callback(null, addresses);
    const [first] = addresses;
    return callback(null, first?.address ?? '', first?.family ?? 4);
  });
};

function retryAfterMsOf({ headers }: IncomingMessage): number | null {
  const asked = headers['retry-after'] ?? '';
  return /^\d{1,7}$/.test(asked) ? Number(asked) * 1000 : null;
}

function judgeError(error: Error): Attempt {
  if (error instanceof PrivateReceiver) return privateReceiver;
  const code = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
  const answer = error.name === 'AbortError' ? 'did not answer in time' : `no connection (${code})`;
  return { outcome: 'failed', answer, retryAfterMs: null };
}

const privateReceiver: Attempt = {
  outcome: 'refused',
  answer: 'it is in a private network, and not among SIGNALBOX_PRIVATE_RECEIVERS',
  isForGood: false,
};

/**
 * Posts one message, once, to a public address or to a `host:port` that the administrator of the
 * machine named. Follows no redirect. Never throws.
 */
export function postMessage(
  message: Message,
  options: PostOptions,
  judge: (answer: Answer) => Attempt,
): Promise<Attempt> {
  const url = new URL(message.url);
  const port = url.port === '' ? (url.protocol === 'https:' ? '443' : '80') : url.port;
  const isNamed = options.privateReceivers.has(`${url.hostname}:${port}`);
  const literal = url.hostname.replace(/^\[|\]$/g, '');
  // An address that is written out is looked up by nobody.
  if (!isNamed && isIP(literal) !== 0 && isPrivateAddress(literal)) {
    return Promise.resolve(privateReceiver);
  }
  const request = url.protocol === 'https:' ? requestHttps : requestHttp;
  return new Promise((resolve) => {
    const sent = request(
      url,
      {
        method: 'POST',
        headers: { ...message.headers, 'content-length': Buffer.byteLength(message.body) },
        agent: false,
        signal: AbortSignal.timeout(options.timeoutMs ?? limits.deliveryTimeoutMs),
        ...(isNamed ? {} : { lookup: lookupPublic }),
      },
      (response) => {
        const answer = { status: response.statusCode ?? 0, retryAfterMs: retryAfterMsOf(response) };
        const chunks: Buffer[] = [];
        let bytes = 0;
        // However it ends, with the last byte, too many of them or the end of the time.
        response.on('close', () => resolve(judge({ ...answer, body: Buffer.concat(chunks) })));
        response.on('error', () => response.destroy());
        response.on('data', (chunk: Buffer) => {
          bytes += chunk.length;
          if (bytes > bodyBytesMax) return response.destroy();
          return chunks.push(chunk);
        });
        if (answer.status !== 400) response.destroy();
      },
    );
    sent.on('error', (error) => resolve(judgeError(error)));
    sent.end(message.body);
  });
}
