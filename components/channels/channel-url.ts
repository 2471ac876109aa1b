import { createLoader, parseAsString, parseAsStringLiteral } from 'nuqs/server';
import { deliveryStates } from '#server/notifications/states/contract.ts';

/** Which deliveries are listed, in the URL; page and component read the same. */
export const channelUrlParsers = {
  state: parseAsStringLiteral(deliveryStates),
  channel: parseAsString,
};
export const loadChannelUrl = createLoader(channelUrlParsers);
