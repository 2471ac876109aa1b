import type { ChannelTools } from '#server/notifications/channel-tools.ts';
import { lazyEventKey } from '#server/notifications/event-key.ts';
import { testMasterKey } from './hold-tools.ts';

/** Channels of a machine without a mail server, which may reach no private network. */
export const testChannelTools: ChannelTools = {
  derivationKey: testMasterKey,
  eventKey: lazyEventKey(testMasterKey),
  mailServer: null,
  privateReceivers: new Set(),
  url: 'http://127.0.0.1',
};
