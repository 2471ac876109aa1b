import { redactEvent } from '#server/ingest/redact.ts';
import { createTenantKeys } from '#server/ingest/tenant-key.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import type { TestBed } from './database.ts';
import { makeDraft, makeEvent } from './event-factory.ts';
import type { HoldScene } from './hold-scene.ts';
import { testMasterKey } from './hold-tools.ts';

/**
 * A tool's answer that the scene's agent has read, redacted and stored as ingest does; its id. Untrusted
 * unless said otherwise.
 */
export async function makeOwnEvent(
  bed: TestBed,
  scene: HoldScene,
  what: {
    readonly traceId: string;
    readonly output: string;
    readonly origin: string;
    readonly trust?: 'trusted' | 'untrusted';
  },
): Promise<string> {
  const body = {
    ...makeDraft().body,
    output: what.output,
    source: { trust: what.trust ?? ('untrusted' as const), origin: what.origin },
  };
  const draft = makeDraft({ traceId: what.traceId, body });
  const tenantKey = createTenantKeys(testMasterKey)(scene.tenant.id);
  const event = redactEvent(draft, { tenantKey, canaries: null, kept: null });
  await createGroupCommit(bed.app.$client).store(scene.tenant.id, [
    { ...makeEvent(scene.agent), event },
  ]);
  return draft.id;
}
