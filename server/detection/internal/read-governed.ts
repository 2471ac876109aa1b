import { and, arrayOverlaps, eq, gt, isNull, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { apiKeys } from '#db/schema/tenancy.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { textArray } from '#server/telemetry/array-literal.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';

/**
 * The calls of a batch that need a redeemed permit: of tools that are marked as governed, of tools
 * that an enforcer's key is bound to, and of tools that their agent has ever asked for. An agent that
 * only reports, with tools that nobody governs, is none of it. A revision of an event is the same call.
 */
export async function readGovernedCalls(
  tx: Tx,
  ctx: Ctx,
  batch: readonly TailEvent[],
  markedTools: ReadonlySet<string>,
): Promise<TailEvent[]> {
  const calls = batch.filter(
    (event) => event.kind === 'tool_call' && event.name !== null && event.revision === 0,
  );
  const names = [...new Set(calls.map((call) => call.name ?? ''))].filter(
    (name) => !markedTools.has(name),
  );
  if (calls.length === 0) return [];
  const guarded = await readEnforcedTools(tx, ctx, names);
  const left = names.filter((name) => !guarded.has(name));
  const asked = await readAsked(tx, ctx, calls, left);
  return calls.filter(({ agentId, name }) => {
    const tool = name ?? '';
    return markedTools.has(tool) || guarded.has(tool) || asked.has(`${agentId} ${tool}`);
  });
}

async function readEnforcedTools(
  tx: Tx,
  ctx: Ctx,
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  if (names.length === 0) return new Set();
  const rows = await tx
    .select({ tools: apiKeys.tools })
    .from(apiKeys)
    .where(
      and(
        eq(apiKeys.tenantId, ctx.tenantId),
        eq(apiKeys.kind, 'enforcer'),
        isNull(apiKeys.revokedAt),
        or(isNull(apiKeys.expiresAt), gt(apiKeys.expiresAt, sql`now()`)),
        arrayOverlaps(apiKeys.tools, [...names]),
      ),
    );
  return new Set(rows.flatMap((row) => row.tools));
}

/** One look into the index for each pair: an agent may have asked for a tool a million times. */
async function readAsked(
  tx: Tx,
  ctx: Ctx,
  calls: readonly TailEvent[],
  names: readonly string[],
): Promise<ReadonlySet<string>> {
  const pairs = new Map(
    calls
      .filter((call) => names.includes(call.name ?? ''))
      .map(({ agentId, name }) => [`${agentId} ${name}`, { agentId, tool: name ?? '' }]),
  );
  if (pairs.size === 0) return new Set();
  const wanted = [...pairs.values()];
  const rows = await tx.execute<{ agent_id: string; tool: string }>(sql`
    select w.agent_id, w.tool from unnest(
      ${textArray(wanted.map((pair) => uuidOf(pair.agentId)))}::uuid[],
      ${textArray(wanted.map((pair) => pair.tool))}::text[]
    ) as w (agent_id, tool)
    where exists (select 1 from actions a where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid
      and a.agent_id = w.agent_id and a.tool = w.tool)`);
  return new Set(rows.map((row) => `${idOf('agent', row.agent_id)} ${row.tool}`));
}
