import { Webhook } from 'standardwebhooks';
import type { Severity } from '#db/enums.ts';
import { links } from '#server/kernel/links.ts';
import type { Message } from './post-message.ts';

/** What is said of an alert: what its line in a list says, never a payload. */
export interface ToldAlert {
  readonly id: string;
  readonly title: string;
  readonly severity: Severity;
  /** Name of the rule. */
  readonly rule: string;
  readonly agent: string | null;
  readonly labels: readonly string[];
  readonly count: number;
  readonly firstAt: string;
  readonly openedAt: string;
}

/** One delivery as it goes out; `alert` null for a test of the channel. */
export interface Told {
  readonly deliveryId: string;
  /** Slug and address of the tenant's pages. */
  readonly tenant: string;
  readonly url: string;
  readonly alert: ToldAlert | null;
}

const pageOf = (told: Told, alert: ToldAlert) => `${told.url}${links.alert(told.tenant, alert.id)}`;

/**
 * The message of a webhook after Standard Webhooks: its id is the delivery's, so that a receiver that
 * hears it twice can tell; the signature is over the very bytes that are sent. `now` in
 * milliseconds. Pure.
 */
export function composeWebhook(
  told: Told,
  to: { readonly url: string; readonly secret: string },
  now: number,
): Message {
  const { alert } = told;
  const data =
    alert === null
      ? { tenant: told.tenant }
      : { ...alert, tenant: told.tenant, url: pageOf(told, alert) };
  const body = JSON.stringify({
    type: alert === null ? 'channel.test' : 'alert.opened',
    timestamp: alert?.openedAt ?? new Date(now).toISOString(),
    data,
  });
  const at = new Date(now);
  return {
    url: to.url,
    body,
    headers: {
      'content-type': 'application/json',
      'user-agent': 'Signalbox',
      'webhook-id': told.deliveryId,
      'webhook-timestamp': String(Math.floor(now / 1000)),
      'webhook-signature': new Webhook(to.secret).sign(told.deliveryId, at, body),
    },
  };
}

export interface MailText {
  readonly subject: string;
  readonly text: string;
  /** Stays the same when it is sent again, so that mail programs show it once. */
  readonly messageId: string;
}

/**
 * Names of agents are claims and may hold anything: control characters would forge lines of our own.
 */
const oneLine = (text: string) => text.replace(/[\p{C}\p{Zl}\p{Zp}]+/gu, ' ').trim();

/** The mail of a delivery, as plain text: nothing in it is markup. Pure. */
export function composeMail(told: Told): MailText {
  const { alert } = told;
  const messageId = `<${told.deliveryId}@${new URL(told.url).hostname}>`;
  if (alert === null) {
    return {
      messageId,
      subject: `[Signalbox ${oneLine(told.tenant)}] Test of this channel`,
      text: 'Somebody asked Signalbox to test this channel. Nothing has happened.\n',
    };
  }
  const lines = [
    alert.title,
    '',
    `Severity   ${alert.severity}`,
    `Agent      ${alert.agent === null ? 'none named' : `${alert.agent} (as it names itself)`}`,
    `Rule       ${alert.rule}`,
    `Known as   ${alert.labels.length === 0 ? 'nothing' : alert.labels.join(', ')}`,
    `First at   ${alert.firstAt}`,
    '',
    pageOf(told, alert),
  ];
  return {
    messageId,
    subject: `[Signalbox ${oneLine(told.tenant)}] ${alert.severity}: ${oneLine(alert.title)}`,
    text: `${lines.map(oneLine).join('\n')}\n`,
  };
}
