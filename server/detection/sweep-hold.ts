import { randomUUID } from 'node:crypto';
import { sql } from 'drizzle-orm';
import type { Db, Tx } from '#db/client.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { detectTold } from '#server/detection/detect-told.ts';
import { gatherMatches } from '#server/detection/gather-matches.ts';
import { readStates, writeStates } from '#server/detection/internal/detector-state.ts';
import { createPackLoader } from '#server/detection/internal/load-pack.ts';
import {
  auditCursorSchema,
  firstOfLog,
  firstOwed,
  readDeadLeases,
  owedCursorSchema,
  readFalseBlocks,
  readOwed,
  readRefusals,
  type HoldIncident,
} from '#server/detection/internal/read-hold-incidents.ts';
import { type AlertMatch, raiseAlerts } from '#server/detection/raise-alert.ts';
import type { RulePack } from '#server/detection/rule-pack.ts';
import { readerOf } from '#server/detection/sigma/prepared-event.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { Log } from '#server/kernel/log.ts';

/**
 * Looks for what no event tells: attempts under a stop, outcomes that never came, denials called false,
 * tokens of dead leases at a tool.
 */
export interface HoldSweeper {
  /** One look at every tenant; answers how many incidents there were. */
  readonly pass: () => Promise<number>;
}

const scope = 'hold_sweep';

/**
 * Makes the sweep of the hold. What it has seen, and the alerts of it, commit together, one process
 * at a time for each tenant; so each incident is told to the rules once, whatever crashes. A tenant
 * that fails is tried again at the next pass; the others go on.
 */
export function createHoldSweeper(options: { readonly db: Db; readonly log: Log }): HoldSweeper {
  const { db, log } = options;
  const packs = createPackLoader(log);
  const sweep = async (tenantId: TenantId): Promise<number> => {
    const actor = { type: 'system', name: 'system:detector' } as const;
    const ctx: Ctx = { db, tenantId, actor, requestId: `sweep-${randomUUID()}` };
    requirePermission(ctx, 'alerts.raise');
    let found = 0;
    // no-audit: alerts write their own rows; the cursors say nothing that these do not.
    await withTransaction(ctx, async (tx) => {
      if (!(await isAlone(tx, ctx))) return;
      const incidents = await readNew(tx, ctx);
      found = incidents.length;
      if (found === 0) return;
      const pack = await packs.load(tx, ctx);
      await raiseAlerts(tx, ctx, matchesOf(pack, incidents));
    });
    return found;
  };
  return {
    pass: async () => {
      let found = 0;
      for (const { tenantId } of await listTenants(db)) {
        try {
          found += await sweep(tenantId);
        } catch (error) {
          log.error({ tenantId, err: error }, 'the hold of a tenant could not be looked through');
        }
      }
      return found;
    },
  };
}

async function isAlone(tx: Tx, ctx: Ctx): Promise<boolean> {
  const [row] = await tx.execute<{ has: boolean }>(sql`
    select pg_try_advisory_xact_lock(
      hashtextextended(${`hold-sweep:${uuidOf(ctx.tenantId)}`}::text, 0)) as has`);
  return row?.has === true;
}

async function readNew(tx: Tx, ctx: Ctx): Promise<HoldIncident[]> {
  const rows = await readStates(tx, ctx, [
    { scope, key: 'refusals' },
    { scope, key: 'outcomes' },
    { scope, key: 'false_blocks' },
    { scope, key: 'dead_leases' },
  ]);
  const stateOf = (key: string) => rows.find((row) => row.key === key)?.state;
  const refusals = await readRefusals(
    tx,
    ctx,
    auditCursorSchema.catch(firstOfLog).parse(stateOf('refusals')),
  );
  const owed = await readOwed(
    tx,
    ctx,
    owedCursorSchema.catch(firstOwed).parse(stateOf('outcomes')),
  );
  const falseBlocks = await readFalseBlocks(
    tx,
    ctx,
    auditCursorSchema.catch(firstOfLog).parse(stateOf('false_blocks')),
  );
  const deadLeases = await readDeadLeases(
    tx,
    ctx,
    auditCursorSchema.catch(firstOfLog).parse(stateOf('dead_leases')),
  );
  const moved = [
    ...(refusals.next === null ? [] : [{ key: 'refusals', state: refusals.next }]),
    ...(owed.next === null ? [] : [{ key: 'outcomes', state: owed.next }]),
    ...(falseBlocks.next === null ? [] : [{ key: 'false_blocks', state: falseBlocks.next }]),
    ...(deadLeases.next === null ? [] : [{ key: 'dead_leases', state: deadLeases.next }]),
  ];
  await writeStates(
    tx,
    ctx,
    moved.map((row) => ({ scope, part: 0, ...row })),
  );
  return [refusals, owed, falseBlocks, deadLeases].flatMap(({ incidents }) => incidents);
}

function matchesOf(pack: RulePack, incidents: readonly HoldIncident[]): AlertMatch[] {
  const byId = new Map(incidents.map((incident) => [incident.id, incident]));
  const findings = incidents.flatMap((incident) =>
    detectTold(pack, 'action.problem', {
      eventId: incident.id,
      category: 'action',
      at: incident.atMs,
      fields: readerOf({
        'event.kind': 'action',
        'action.id': incident.actionId,
        'action.problem': incident.problem,
        'agent.id': incident.agentId,
        'agent.slug': incident.agentSlug,
        'session.id': incident.sessionId,
        'trace.id': incident.traceId,
        'gen_ai.tool.name': incident.tool,
      }),
    }),
  );
  return gatherMatches(findings).map((match) => ({
    ...match,
    evidence: [],
    incidents: match.evidence.flatMap(({ eventId }) => byId.get(eventId) ?? []),
  }));
}
