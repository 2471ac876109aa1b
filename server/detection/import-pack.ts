import { and, eq } from 'drizzle-orm';
import { ruleProposals, rules } from '#db/schema/detection.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { ImportedRule } from '#server/detection/contract.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { isRuleName } from '#server/detection/internal/read-rule-text.ts';
import { proposeRule } from '#server/detection/propose-rule.ts';
import { readTexts } from '#server/detection/internal/read-running.ts';
import { joinRules, type JoinableText, withText } from '#server/detection/join-rules.ts';
import { standIns } from '#server/detection/sigma/foreign-rules.ts';
import { compileText } from '#server/detection/sigma/compile-text.ts';
import { type PackPart, splitPack } from '#server/detection/split-pack.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Takes over the rules of a pack as drafts: new names become rules, known ones a proposed change,
 * and nothing runs before it is approved. Each rule is answered for itself: one that is wrong costs
 * the others nothing; what it counts of other sources is looked for, and said where it is missing. @throws AppError `forbidden`; `bad_request` for too many rules at once
 */
export async function importPack(ctx: Ctx, text: string): Promise<ImportedRule[]> {
  requirePermission(ctx, 'rules.write');
  const parts = splitPack(text);
  if (parts.length > limits.packRulesMax) {
    throw new AppError('bad_request', `A pack has at most ${limits.packRulesMax} rules at once.`);
  }
  const imported: Imported[] = [];
  for (const part of parts) imported.push(await importRule(ctx, part));
  // When all are there: rules of a pack count each other, in whatever order they stand.
  const texts = await withRead(ctx, (tx) => readTexts(tx, ctx));
  return imported.map((rule, index) => ({ ...rule, needs: needsOf(texts, rule, parts[index]) }));
}

type Imported = Omit<ImportedRule, 'needs'>;

async function importRule(ctx: Ctx, { source, line }: PackPart): Promise<Imported> {
  const compiled = compileText(source, standIns);
  const refused = (name: string | null, problems: Imported['problems']): Imported => ({
    name,
    line,
    outcome: 'refused',
    problems,
  });
  if (!compiled.ok) {
    const problems = compiled.problems.map((problem) => ({
      code: problem.code,
      message: problem.message,
      // Of the pack, as that is what lies before whoever imports it.
      line: problem.line === null ? null : problem.line + line - 1,
    }));
    return refused(null, problems);
  }
  const { key } = compiled.main;
  const name = isRuleName(key) ? key : null;
  try {
    const known = await findRule(ctx, key);
    if (known === null) {
      await createRule(ctx, { source });
      return { name, line, outcome: 'created', problems: [] };
    }
    if (known.sources.some((held) => held.trim() === source.trim())) {
      return { name, line, outcome: 'unchanged', problems: [] };
    }
    await proposeRule(ctx, { id: known.id, source, basedOn: null });
    return { name, line, outcome: 'proposed', problems: [] };
  } catch (error) {
    if (!isRefusal(error)) throw error;
    return refused(name, [{ code: error.code, message: error.message, line: null }]);
  }
}

/** What a rule of the pack counts of other sources and cannot have yet. */
function needsOf(
  texts: readonly JoinableText[],
  { name, outcome }: Imported,
  part: PackPart | undefined,
): string[] {
  if (name === null || outcome === 'refused' || part === undefined) return [];
  const among = withText(texts, { name, source: part.source });
  const counted = joinRules(among.texts).referencesOf(among.ruleId);
  return counted.flatMap(({ fault }) => fault?.message ?? []);
}

/** By code, because this file may be loaded twice in one process. */
function isRefusal(error: unknown): error is AppError {
  const codes: readonly unknown[] = ['unprocessable', 'conflict'];
  return error instanceof Error && 'code' in error && codes.includes(error.code);
}

/** A rule by name with the texts that count as "the same": what runs, and what waits. */
async function findRule(
  ctx: Ctx,
  slug: string,
): Promise<{ readonly id: string; readonly sources: readonly string[] } | null> {
  const [row] = await withRead(ctx, (tx) =>
    tx
      .select({ id: rules.id, source: rules.source, proposed: ruleProposals.source })
      .from(rules)
      .leftJoin(
        ruleProposals,
        and(eq(ruleProposals.tenantId, rules.tenantId), eq(ruleProposals.ruleId, rules.id)),
      )
      .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.slug, slug))),
  );
  if (row === undefined) return null;
  // Going back to the text that runs is a change where another one waits.
  return { id: row.id, sources: [row.proposed ?? row.source] };
}
