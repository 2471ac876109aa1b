import { sql } from 'drizzle-orm';
import type { AgentName } from '#server/agents/resolve-agent.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { ScanItem } from '#server/guard/contract.ts';
import { findSensitive } from '#server/guard/inspect-text.ts';
import type { ScannedItem } from '#server/guard/scan-item.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Finding, FindingType } from '#server/telemetry/contract.ts';
import type { EventToInsert } from '#server/telemetry/encode-event.ts';
import type { GroupCommit } from '#server/telemetry/group-commit.ts';
import { agentIdOf } from '#server/telemetry/tail-event.ts';

/** A scanned text with what it was. */
export interface RecordedScan {
  readonly item: ScanItem;
  readonly scanned: ScannedItem;
}

/** Findings of one scanned text as an event keeps them; nothing of the text itself. */
export function findingsOf({ scanned }: RecordedScan): Finding[] {
  const counts = new Map<FindingType, number>();
  const matches = scanned.sensitive.map(
    ({ placeholder, detector, start, end }): Omit<Finding, 'path'> => ({
      type: placeholder === 'SECRET' ? 'secret' : 'pii',
      detector,
      start,
      end,
      score: 1,
      detail: placeholder === 'SECRET' ? 'A credential was scanned.' : 'Personal data was scanned.',
    }),
  );
  return [...scanned.signals, ...matches].flatMap((found) => {
    const count = (counts.get(found.type) ?? 0) + 1;
    counts.set(found.type, count);
    return count > limits.findingsPerTypeMax ? [] : [{ ...found, path: '/output' }];
  });
}

/** The agent of a key, else the one that the trace began with; null for a trace nobody told of. */
async function agentOf(ctx: Ctx, traceId: string): Promise<AgentName | null> {
  if (ctx.actor.type === 'key' && ctx.actor.agent !== null) return ctx.actor.agent;
  const [row] = await withRead(ctx, (tx) =>
    tx.execute<{ id: string; slug: string }>(sql`
      select agent_id::text as id, agent_slug as slug from events
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and trace_id = ${traceId}::uuid
      order by started_at limit 1`),
  );
  return row === undefined ? null : { id: agentIdOf(row.id), slug: row.slug };
}

const verdictEvent = 'guard_scan';

/** A caller's word for a tool; one that holds a credential or personal data is not kept. */
const plainName = (tool: ScanItem['tool']): string | null =>
  typeof tool === 'string' && findSensitive(tool, null).length === 0 ? tool : null;

function toEvent(
  recorded: RecordedScan,
  traceId: string,
  agent: AgentName,
  at: string,
  isVerified: boolean,
): EventToInsert {
  const { kind, tool, destination } = recorded.item;
  const { verdict, score } = recorded.scanned.result;
  return {
    event: {
      id: `scan-${uuidOf(newId('action'))}`,
      traceId,
      spanId: null,
      parentSpanId: null,
      sessionId: null,
      conversationId: null,
      agent: agent.slug,
      instanceId: null,
      user: null,
      kind: 'decision',
      phase: null,
      callId: null,
      name: verdictEvent,
      startedAt: at,
      endedAt: at,
      status: 'ok',
      model: null,
      actionId: null,
      dialect: 'native',
      flags: [],
      findings: findingsOf(recorded),
      body: {
        input: null,
        output: { verdict, score },
        error: null,
        usage: null,
        data: null,
        source: { trust: kind === 'tool_output' ? 'untrusted' : 'unknown', origin: null },
        attributes: {
          'scan.kind': kind,
          'scan.tool': plainName(tool),
          'scan.sent': typeof destination === 'string',
        },
      },
    },
    agentId: agent.id,
    agentSlug: agent.slug,
    agentExplicit: isVerified,
    isVerified,
    onConflict: 'reject',
  };
}

/**
 * Keeps what a scan found as events of its trace, so that rules, alerts and the trace's page know of
 * it: one for each text with a finding, none for clean ones. Of the text only findings are kept.
 *
 * no-audit: the events are themselves an append-only log.
 * @throws AppError `forbidden`, `store_unavailable`.
 */
export async function recordScan(
  ctx: Ctx,
  commit: GroupCommit,
  traceId: string,
  scans: readonly RecordedScan[],
  now: Date,
): Promise<void> {
  requirePermission(ctx, 'guard.scan');
  const found = scans.filter(
    ({ scanned }) => scanned.signals.length + scanned.sensitive.length > 0,
  );
  if (found.length === 0) return;
  const agent = await agentOf(ctx, traceId);
  if (agent === null) return;
  const isVerified = ctx.actor.type === 'key' && ctx.actor.kind === 'agent';
  const at = now.toISOString();
  await commit.store(
    ctx.tenantId,
    found.map((scan) => toEvent(scan, traceId, agent, at, isVerified)),
  );
}
