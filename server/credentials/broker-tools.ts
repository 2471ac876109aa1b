import type { Env } from '#server/kernel/env.ts';
import { createLocalKeyManagement, type KeyManagement } from './key-management.ts';

/** What the broker needs of its process; made once by the server's start. */
export interface BrokerTools {
  readonly keyManagement: KeyManagement;
  /** `host[:port]` of providers that may have private addresses, or speak plain http. */
  readonly innerHosts: ReadonlySet<string>;
}

export function createBrokerTools(env: Env, masterKey: Uint8Array): BrokerTools {
  const named = (env.SIGNALBOX_PROVIDER_HOSTS ?? '').split(',').map((host) => host.trim());
  return {
    keyManagement: createLocalKeyManagement(masterKey),
    innerHosts: new Set(named.filter((host) => host !== '')),
  };
}
