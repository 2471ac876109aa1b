import type { Attempt } from './delivery-state.ts';
import { type Answer, type Message, type PostOptions, postMessage } from './post-message.ts';

/** An error code of RFC 8935, section 2.4, is a name; anything else of the receiver's is not kept. */
const errorCode = /^[a-z][a-z0-9_.-]{0,63}$/i;

function errorOf(body: Buffer): string | null {
  try {
    const said: unknown = JSON.parse(body.toString());
    const err = typeof said === 'object' && said !== null && 'err' in said ? said.err : null;
    return typeof err === 'string' && errorCode.test(err) ? err : null;
  } catch {
    return null;
  }
}

/**
 * Only 202 acknowledges an event (RFC 8935, section 2.2); another 2xx may come from anything that
 * listens there. A 400 names its error, and is tried again like the rest: a receiver that does not
 * know our key or issuer yet can be taught to within the day.
 */
function judgeAnswer({ status, retryAfterMs, body }: Answer): Attempt {
  if (status === 202) return { outcome: 'taken', answer: 'acknowledged (202)' };
  const err = status === 400 ? errorOf(body) : null;
  const answer =
    err === null ? `answered ${status}, which acknowledges nothing` : `refused it: ${err} (400)`;
  return { outcome: 'failed', answer, retryAfterMs };
}

/** Pushes a security event, once, as {@link postMessage} does. Never throws. */
export const postEvent = (message: Message, options: PostOptions): Promise<Attempt> =>
  postMessage(message, options, judgeAnswer);
