import type { Env } from '#server/kernel/env.ts';
import type { Secrets } from '#server/kernel/services.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { createLocalKeyManagement, type KeyManagement } from './key-management.ts';
import { createMarkKeys } from './outside/mark-key.ts';

/** What the broker needs of its process; made once by the server's start. */
export interface BrokerTools {
  readonly keyManagement: KeyManagement;
  /** Keys by what kept secrets are recognised in telemetry. */
  readonly markKeyOf: (tenantId: TenantId) => Uint8Array;
  /** `host[:port]` of providers that may have private addresses, or speak plain http. */
  readonly innerHosts: ReadonlySet<string>;
}

export function createBrokerTools(
  env: Env,
  secrets: Pick<Secrets, 'masterKeys' | 'derivationKey'>,
): BrokerTools {
  const named = (env.SIGNALBOX_PROVIDER_HOSTS ?? '').split(',').map((host) => host.trim());
  return {
    keyManagement: createLocalKeyManagement(...secrets.masterKeys),
    markKeyOf: createMarkKeys(secrets.derivationKey),
    innerHosts: new Set(named.filter((host) => host !== '')),
  };
}
