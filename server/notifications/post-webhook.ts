import { lookup } from 'node:dns';
import { request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import { isIP, type LookupFunction } from 'node:net';
import { limits } from '#server/kernel/limits.ts';
import { isPrivateAddress } from '#server/kernel/private-address.ts';
import type { Attempt } from './delivery-state.ts';

/** A message as it goes out: signed bytes, never serialised again. */
export interface WebhookMessage {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

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

/** What is answered is never read beyond its head: its words are the receiver's, not ours. */
function judgeAnswer(status: number, retryAfter: string | undefined): Attempt {
  const answer = `answered ${status}`;
  if (status >= 200 && status < 300) return { outcome: 'taken', answer };
  // Standard Webhooks: 410 means "send nothing more", and redirects are not followed.
  if (status === 410) return { outcome: 'refused', answer, isForGood: true };
  const seconds = /^\d{1,7}$/.test(retryAfter ?? '') ? Number(retryAfter) : null;
  return { outcome: 'failed', answer, retryAfterMs: seconds === null ? null : seconds * 1000 };
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
export function postWebhook(
  message: WebhookMessage,
  options: { readonly privateReceivers: ReadonlySet<string>; readonly timeoutMs?: number },
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
        resolve(judgeAnswer(response.statusCode ?? 0, response.headers['retry-after']));
        response.destroy();
      },
    );
    sent.on('error', (error) => resolve(judgeError(error)));
    sent.end(message.body);
  });
}
