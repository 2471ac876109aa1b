import type { ChannelKind } from '#server/notifications/states/contract.ts';

export const kindWords: Readonly<Record<ChannelKind, string>> = {
  webhook: 'Webhook',
  email: 'E-mail',
};

/** A channel that was just added; `secret` null for e-mail. */
export interface AddedChannel {
  readonly name: string;
  readonly secret: string | null;
}
