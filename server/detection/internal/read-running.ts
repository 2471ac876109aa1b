import { and, eq, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { ruleProposals, rules } from '#db/schema/detection.ts';
import { joinRules, type JoinableText, withText } from '#server/detection/join-rules.ts';
import type { CompileResult } from '#server/detection/sigma/compile-source.ts';
import { joinFilters, type JoinedFilters, type KeptText } from '#server/detection/join-filters.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** One text that runs: a rule or a filter, enabled or in the shadow. */
export interface RunningText extends KeptText {
  readonly kind: (typeof rules.$inferSelect)['kind'];
  readonly title: string;
  readonly version: number;
  readonly isShadow: boolean;
}

export const isEnabled = (ctx: Ctx) =>
  and(eq(rules.tenantId, ctx.tenantId), eq(rules.state, 'enabled'));
export const isInShadow = (ctx: Ctx) =>
  and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.state, 'shadow'));

/** All texts that run, those that alert first, each by id. */
export async function readRunning(tx: Tx, ctx: Ctx): Promise<RunningText[]> {
  const enabled = await tx
    .select({
      ruleId: rules.id,
      name: rules.slug,
      kind: rules.kind,
      title: rules.title,
      version: rules.version,
      source: rules.source,
    })
    .from(rules)
    .where(isEnabled(ctx))
    .orderBy(rules.id);
  const shadows = await tx
    .select({
      ruleId: ruleProposals.ruleId,
      name: rules.slug,
      kind: rules.kind,
      title: rules.title,
      version: ruleProposals.version,
      source: ruleProposals.source,
    })
    .from(ruleProposals)
    .innerJoin(
      rules,
      and(eq(rules.tenantId, ruleProposals.tenantId), eq(rules.id, ruleProposals.ruleId)),
    )
    .where(isInShadow(ctx))
    .orderBy(ruleProposals.ruleId);
  return [
    ...enabled.map((row) => ({ ...row, isShadow: false })),
    ...shadows.map((row) => ({ ...row, isShadow: true })),
  ];
}

/**
 * The filters that run put on the rules that run; with `extra`, as if that text were enabled in the
 * place of what its row runs now.
 */
export function joinRunning(
  running: readonly RunningText[],
  extra: (KeptText & Pick<RunningText, 'kind'>) | null = null,
): JoinedFilters {
  const texts = [
    ...running.filter(({ ruleId }) => ruleId !== extra?.ruleId),
    ...(extra === null ? [] : [{ ...extra, isShadow: false }]),
  ];
  return joinFilters(
    texts
      .filter(({ kind }) => kind === 'rule')
      .map(({ isShadow, ...text }) => ({ ...text, isEnabled: !isShadow })),
    // One that waits filters nothing yet.
    texts.filter(({ kind, isShadow }) => kind === 'filter' && !isShadow),
  );
}

/** All texts of the tenant, running or not, of a rule that never ran its latest. */
export function readTexts(tx: Tx, ctx: Ctx): Promise<JoinableText[]> {
  return tx
    .select({
      ruleId: rules.id,
      name: rules.slug,
      kind: rules.kind,
      title: rules.title,
      version: rules.version,
      state: rules.state,
      source: rules.source,
      isShipped: sql<boolean>`${rules.origin} = 'shipped'`,
    })
    .from(rules)
    .where(eq(rules.tenantId, ctx.tenantId))
    .orderBy(rules.id);
}

/**
 * A rule's text as it would run if it were enabled: with the tenant's filters on it, and with the rules
 * of other sources that it counts, so that history agrees with the tail.
 */
export async function compileAsRun(
  tx: Tx,
  ctx: Ctx,
  text: Pick<KeptText, 'name' | 'source'>,
): Promise<CompileResult> {
  const { ruleId, texts } = withText(await readTexts(tx, ctx), text);
  const filters = joinRunning(await readRunning(tx, ctx), { ...text, ruleId, kind: 'rule' });
  return joinRules(texts, filters.filtersOf).compile(ruleId);
}
