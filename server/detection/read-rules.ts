import { and, asc, desc, eq, isNotNull, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { alerts, ruleProposals, rules, ruleVersions } from '#db/schema/detection.ts';
import { actorIdentity } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { AlertVerdict, Rule, RuleDetail, RuleProposal } from '#server/detection/contract.ts';
import { describeCounting, readFaults } from '#server/detection/describe-counting.ts';
import { readReach, readShaping } from '#server/detection/internal/read-filter-reach.ts';
import { readTexts } from '#server/detection/internal/read-running.ts';
import { readApproval } from '#server/detection/internal/read-rule-approval.ts';
import { falsePositivesOf, presentRule } from '#server/detection/present.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

const verdictsCounted = (verdict: AlertVerdict) =>
  sql<number>`(count(*) filter (where ${alerts.verdict} = ${verdict}))::int`;

function selectRules(tx: Tx, ctx: Ctx) {
  const verdicts = tx
    .select({
      ruleId: alerts.ruleId,
      truePositive: verdictsCounted('true_positive').as('true_positive'),
      benign: verdictsCounted('benign').as('benign'),
      falsePositive: verdictsCounted('false_positive').as('false_positive'),
    })
    .from(alerts)
    .where(and(eq(alerts.tenantId, ctx.tenantId), isNotNull(alerts.verdict)))
    .groupBy(alerts.ruleId)
    .as('verdicts');
  return tx
    .select({
      row: rules,
      truePositive: sql<number>`coalesce(${verdicts.truePositive}, 0)`,
      benign: sql<number>`coalesce(${verdicts.benign}, 0)`,
      falsePositive: sql<number>`coalesce(${verdicts.falsePositive}, 0)`,
    })
    .from(rules)
    .leftJoin(verdicts, eq(verdicts.ruleId, rules.id));
}

/** All rules by title, without their sources. @throws AppError `forbidden` */
export async function listRules(ctx: Ctx): Promise<Rule[]> {
  requirePermission(ctx, 'rules.read');
  const rows = await withRead(ctx, (tx) =>
    selectRules(tx, ctx)
      .where(eq(rules.tenantId, ctx.tenantId))
      .orderBy(asc(rules.title), asc(rules.id))
      .limit(limits.rulesMax),
  );
  const faultOf = readFaults(rows.map(({ row }) => textOf(row)));
  return rows.map(({ row, ...verdicts }) => presentRule(row, verdicts, faultOf(row.id)));
}

/** One rule or filter with its source, and how they meet. @throws AppError `forbidden`, `not_found` */
export async function readRule(ctx: Ctx, id: string): Promise<RuleDetail> {
  requirePermission(ctx, 'rules.read');
  return withRead(ctx, async (tx) => {
    const [found] = isId('rule', id)
      ? await selectRules(tx, ctx).where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.id, id)))
      : [];
    if (!found) throw new AppError('not_found', 'There is no such rule in this tenant.');
    const { row, ...verdicts } = found;
    const text = { ruleId: row.id, name: row.slug, source: row.source };
    const texts = await readTexts(tx, ctx);
    return {
      ...presentRule(row, verdicts, readFaults(texts)(id)),
      ...describeCounting(texts, id),
      falsePositives: falsePositivesOf(row),
      source: row.source,
      proposal: await readProposal(tx, ctx, id),
      versions: await selectVersions(tx, ctx, id),
      shaping: row.kind === 'rule' ? await readShaping(tx, ctx, text) : null,
      reach: row.kind === 'filter' ? await readReach(tx, ctx, text) : null,
    };
  });
}

/** The change that waits, with what whoever asks may do about it. */
async function readProposal(tx: Tx, ctx: Ctx, id: string): Promise<RuleProposal | null> {
  const [row] = await tx
    .select()
    .from(ruleProposals)
    .where(and(eq(ruleProposals.tenantId, ctx.tenantId), eq(ruleProposals.ruleId, id)));
  if (row === undefined) return null;
  const { version, state, source, editedAt, shadowSince } = row;
  return {
    version,
    state,
    source,
    editedAt,
    shadowSince,
    author: row.authorLabel,
    isOwn: actorIdentity(ctx.actor).id === row.authorId,
    ...(await readApproval(tx, ctx, row.authorId)),
  };
}

function selectVersions(tx: Tx, ctx: Ctx, id: string): Promise<RuleDetail['versions']> {
  return tx
    .select({
      version: ruleVersions.version,
      author: ruleVersions.authorLabel,
      approvedBy: ruleVersions.approvedByLabel,
      isAlone: ruleVersions.isAlone,
      approvedAt: ruleVersions.approvedAt,
    })
    .from(ruleVersions)
    .where(and(eq(ruleVersions.tenantId, ctx.tenantId), eq(ruleVersions.ruleId, id)))
    .orderBy(desc(ruleVersions.version))
    .limit(limits.pageItemsMax);
}

const textOf = ({ id, slug, ...row }: typeof rules.$inferSelect) => ({
  ...row,
  ruleId: id,
  name: slug,
  isShipped: row.origin === 'shipped',
});
