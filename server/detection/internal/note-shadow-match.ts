import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { shadowMatches } from '#db/schema/detection.ts';
import { alertIdOf } from '#server/detection/alert-id.ts';
import type { AlertMatch } from '#server/detection/raise-alert.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Notes what a rule in the shadow would have opened or grown, in the detector's own transaction: by
 * the alert's own id, so that a batch done again is the same row. Of one version at most
 * `limits.shadowMatchesMax` are kept, the first ones.
 */
export async function noteShadowMatch(tx: Tx, ctx: Ctx, match: AlertMatch): Promise<void> {
  const { source, rule, group, windowStart } = match;
  const id = alertIdOf({
    ruleId: source.ruleId,
    ruleVersion: source.version,
    ruleKey: rule.key,
    group,
    windowStart,
    generation: 0,
  });
  const evidence = match.evidence.toSorted((a, b) => (a.startedAt < b.startedAt ? -1 : 1));
  const [event] = evidence;
  const incidents = (match.incidents ?? []).toSorted((a, b) => a.atMs - b.atMs);
  const [incident] = incidents;
  const times = [
    ...evidence.map(({ startedAt }) => Date.parse(startedAt)),
    ...incidents.map(({ atMs }) => atMs),
  ];
  const row = {
    agentSlug: event?.agentSlug ?? incident?.agentSlug ?? null,
    traceId: event?.traceId ?? incident?.traceId ?? null,
    eventId: event?.eventId ?? null,
    firstAt: new Date(Math.min(...times)).toISOString(),
    lastAt: new Date(Math.max(...times)).toISOString(),
    count: times.length,
  };
  const grown = await tx
    .update(shadowMatches)
    .set({
      count: sql`${shadowMatches.count} + ${row.count}`,
      firstAt: sql`least(${shadowMatches.firstAt}, ${row.firstAt}::timestamptz)`,
      lastAt: sql`greatest(${shadowMatches.lastAt}, ${row.lastAt}::timestamptz)`,
      matchedAt: sql`now()`,
    })
    .where(and(eq(shadowMatches.tenantId, ctx.tenantId), eq(shadowMatches.id, id)))
    .returning({ id: shadowMatches.id });
  if (grown.length > 0) return;
  const [kept] = await tx
    .select({ count: sql<number>`count(*)::int` })
    .from(shadowMatches)
    .where(
      and(
        eq(shadowMatches.tenantId, ctx.tenantId),
        eq(shadowMatches.ruleId, source.ruleId),
        eq(shadowMatches.version, source.version),
      ),
    );
  if ((kept?.count ?? 0) >= limits.shadowMatchesMax) return;
  await tx.insert(shadowMatches).values({
    tenantId: ctx.tenantId,
    id,
    ruleId: source.ruleId,
    version: source.version,
    ...row,
  });
}
