import { and, eq, isNull, ne } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { containments, type ruleResponses } from '#db/schema/containment.ts';
import { stops } from '#db/schema/gate.ts';
import { actorIdentity } from '#server/audit/write-audit.ts';
import type { Ctx } from '#server/kernel/context.ts';

type Row = typeof ruleResponses.$inferSelect;

/** What a response has brought about and what stands now; both null where nothing of its own does. */
export interface OwnEffect {
  readonly stopId: string | null;
  readonly containmentId: string | null;
  readonly isOwn: boolean;
}

/** Names the alert, of which there is one response: by it a stop is known as this response's own. */
export const reasonOf = ({ ruleTitle, alertId }: Row): string =>
  `Rule “${ruleTitle.slice(0, 200)}”, by itself (${alertId})`;

/**
 * What stands of a response's own, whichever try of it that was: a try that fails half-way, or whose worker
 * dies, may have placed the stop all the same. What others placed, also where it was raised, is theirs.
 */
export async function readOwnEffect(tx: Tx, ctx: Ctx, row: Row): Promise<OwnEffect> {
  const { label } = actorIdentity(ctx.actor);
  if (row.agentId === null) return { stopId: null, containmentId: null, isOwn: false };
  const [stop] =
    row.action === 'stop'
      ? await tx
          .select({ id: stops.id })
          .from(stops)
          .where(
            and(
              eq(stops.tenantId, ctx.tenantId),
              eq(stops.scopeKind, 'agent'),
              eq(stops.scopeId, row.agentId),
              eq(stops.placedByType, ctx.actor.type),
              eq(stops.placedByLabel, label),
              eq(stops.reason, reasonOf(row)),
              ne(stops.state, 'lifted'),
            ),
          )
      : [];
  const [containment] =
    row.action === 'contain'
      ? await tx
          .select({ id: containments.id })
          .from(containments)
          .where(
            and(
              eq(containments.tenantId, ctx.tenantId),
              eq(containments.agentId, row.agentId),
              eq(containments.requestedByType, ctx.actor.type),
              eq(containments.requestedBy, label),
              eq(containments.alertId, row.alertId),
              isNull(containments.releasedAt),
            ),
          )
      : [];
  const [stopId, containmentId] = [stop?.id ?? null, containment?.id ?? null];
  return { stopId, containmentId, isOwn: stopId !== null || containmentId !== null };
}
