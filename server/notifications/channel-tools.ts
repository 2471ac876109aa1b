import type { Services } from '#server/kernel/services.ts';
import { type EventKey, lazyEventKey } from './event-key.ts';
import type { MailServer } from './send-mail.ts';

/** What channels need of the process; made once by its role's start. */
export interface ChannelTools {
  readonly derivationKey: Uint8Array;
  /** Signs security events; the same in every process of this Signalbox. */
  readonly eventKey: () => Promise<EventKey>;
  /** Null: this machine has none, and channels by e-mail are refused. */
  readonly mailServer: MailServer | null;
  /** `host:port` of receivers in private networks that may be reached. */
  readonly privateReceivers: ReadonlySet<string>;
  /** The public address, for links; the issuer of security events. */
  readonly url: string;
}

/** The tools that the environment gives. */
export function createChannelTools(services: Services): ChannelTools {
  const { SIGNALBOX_SMTP_URL: url, SIGNALBOX_MAIL_FROM: from } = services.env;
  const named = services.env.SIGNALBOX_PRIVATE_RECEIVERS.split(',').map((one) => one.trim());
  return {
    derivationKey: services.secrets.derivationKey,
    eventKey: lazyEventKey(services.secrets.derivationKey),
    mailServer: url === undefined || from === undefined ? null : { url, from },
    privateReceivers: new Set(named.filter((one) => one !== '')),
    url: services.url,
  };
}
