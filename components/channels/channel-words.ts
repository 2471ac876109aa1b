import type { SecurityEvent } from '#server/notifications/contract.ts';
import type { ChannelKind } from '#server/notifications/states/contract.ts';

export const kindWords: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Webhook',
  email: 'E-mail',
  caep: 'Security events (CAEP)',
};

export const eventWords: Readonly<Record<SecurityEvent, string>> = {
  session_revoked: 'Sessions revoked',
  credential_revoked: 'Credential revoked',
};

/** A channel that was just added; `secret` null for all but a webhook. */
export interface AddedChannel {
  readonly name: string;
  readonly secret: string | null;
}
