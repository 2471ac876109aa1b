import { hostname } from 'node:os';
import { sql } from 'drizzle-orm';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Services } from '#server/kernel/services.ts';
import { placeStop } from './place-stop.ts';
import { isStopFilePresent, setStopFile } from './stop-file.ts';

/** A process that looks at its stop file. */
export interface StopFileWatch {
  readonly close: () => Promise<void>;
}

/**
 * Looks at the stop file every `limits.stopFileCheckMs`, beside every gate. While it is there this
 * process refuses everything, also without the database; the first process that reaches the database
 * stops every tenant, so that every other machine follows. Removing it lifts nothing placed there.
 */
export function watchStopFile(services: Services, path: string): StopFileWatch {
  setStopFile(path);
  let isTold = false;
  let telling: Promise<void> | null = null;
  const look = () => {
    if (!isStopFilePresent()) {
      isTold = false;
      return;
    }
    if (isTold || telling !== null) return;
    telling = stopAllTenants(services)
      .then(() => {
        isTold = true;
      })
      .catch((error: unknown) => {
        services.log.warn({ err: error }, 'the stop file is not told to the database yet');
      })
      .finally(() => {
        telling = null;
      });
  };
  const timer = setInterval(look, limits.stopFileCheckMs);
  look();
  return {
    close: async () => {
      clearInterval(timer);
      await telling;
      setStopFile(null);
    },
  };
}

/** Every tenant, also those that nobody works in at this moment; a second press changes nothing. */
async function stopAllTenants(services: Services): Promise<void> {
  const tenants = await services.db.execute<{ id: string }>(
    sql`select id from all_tenant_ids() as id`,
  );
  for (const { id } of tenants) {
    const ctx: Ctx = {
      db: services.db,
      tenantId: mintTenantId(idOf('tenant', id)),
      actor: { type: 'system', name: `system:stop-file@${hostname()}` },
      requestId: newRequestId(),
    };
    await placeStop(ctx, {
      scope: { kind: 'tenant' },
      level: 1,
      reason: `The stop file of ${hostname()} is present.`,
    });
  }
}
