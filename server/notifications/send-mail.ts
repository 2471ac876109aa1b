import { createTransport } from 'nodemailer';
import { limits } from '#server/kernel/limits.ts';
import type { MailText } from './compose-message.ts';
import type { Attempt } from './delivery-state.ts';

/** The mail server that the administrator of the machine named, and whom mail is from. */
export interface MailServer {
  readonly url: string;
  readonly from: string;
}

const replyCodeOf = (error: Error): number | null =>
  'responseCode' in error && typeof error.responseCode === 'number' ? error.responseCode : null;

/**
 * A code of 5xx is a refusal for good, one of 4xx asks to come again (RFC 5321, 4.2.1). The server's
 * own words are not kept: they may repeat the address.
 */
function judgeError(error: Error): Attempt {
  const code = replyCodeOf(error);
  if (code !== null && code >= 500) {
    return { outcome: 'refused', answer: `the mail server refused it (${code})`, isForGood: false };
  }
  const reason = 'code' in error && typeof error.code === 'string' ? error.code : 'unknown error';
  const answer =
    code === null ? `no mail server (${reason})` : `the mail server put it off (${code})`;
  return { outcome: 'failed', answer, retryAfterMs: null };
}

/**
 * Hands one mail to the mail server, once. Taken means that the server has taken it, not that anybody
 * has read it. Never throws.
 */
export async function sendMail(mail: MailText, to: string, server: MailServer): Promise<Attempt> {
  const transport = createTransport({
    url: server.url,
    connectionTimeout: limits.deliveryTimeoutMs,
    greetingTimeout: limits.deliveryTimeoutMs,
    socketTimeout: limits.deliveryTimeoutMs,
    // An agent's words must not make the mailer fetch or read anything.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  try {
    await transport.sendMail({ ...mail, from: server.from, to: { name: '', address: to } });
    return { outcome: 'taken', answer: 'the mail server has taken it' };
  } catch (error) {
    return judgeError(error instanceof Error ? error : new Error(String(error)));
  } finally {
    transport.close();
  }
}
