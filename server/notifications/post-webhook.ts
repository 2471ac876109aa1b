import type { Attempt } from './delivery-state.ts';
import { type Answer, type Message, type PostOptions, postMessage } from './post-message.ts';

function judgeAnswer({ status, retryAfterMs }: Answer): Attempt {
  const answer = `answered ${status}`;
  if (status >= 200 && status < 300) return { outcome: 'taken', answer };
  // Standard Webhooks: 410 means "send nothing more", and redirects are not followed.
  if (status === 410) return { outcome: 'refused', answer, isForGood: true };
  return { outcome: 'failed', answer, retryAfterMs };
}

/** Posts a webhook, once, as {@link postMessage} does; any 2xx has taken it. Never throws. */
export const postWebhook = (message: Message, options: PostOptions): Promise<Attempt> =>
  postMessage(message, options, judgeAnswer);
