import { setImmediate as breathe } from 'node:timers/promises';
import { and, asc, eq, ne } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { rules } from '#db/schema/detection.ts';
import type { FilterReach, RuleShaping } from '#server/detection/contract.ts';
import { countSilenced } from '#server/detection/count-silenced.ts';
import {
  joinRunning,
  readRunning,
  readTexts,
  type RunningText,
} from '#server/detection/internal/read-running.ts';
import {
  namesIn,
  type JoinedFilters,
  type JoinedReach,
  type KeptText,
} from '#server/detection/join-filters.ts';
import { joinRules, type JoinableText, withText } from '#server/detection/join-rules.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/** What a text of filters is put on among the rules that run, as if it were enabled. */
export async function readReach(tx: Tx, ctx: Ctx, filter: KeptText): Promise<FilterReach> {
  const running = await readRunning(tx, ctx);
  const texts = await readTexts(tx, ctx);
  const joined = joinRunning(running, { ...filter, kind: 'filter' });
  const { shapes, unfound } = joined.reachOf(filter.ruleId);
  const shown: FilterReach['shapes'] = [];
  const startedAt = performance.now();
  for (const { ruleId, parts } of shapes) {
    // The enabled text comes first where another one is in the shadow.
    const rule = running.find((text) => text.ruleId === ruleId);
    if (rule === undefined) continue;
    const { name, title, isShadow } = rule;
    // Of "any" there may be hundreds, each with thousands of events of its own.
    const isSpent = performance.now() - startedAt > limits.filterTestsMsMax;
    const tests = isSpent ? null : silencedOf(texts, joined, rule);
    shown.push({ id: ruleId, name, title, isShadow, parts: [...parts], tests });
    // Each is compiled and tried, some 10 ms; of "any" there are all.
    await breathe();
  }
  return {
    shapes: shown.toSorted((a, b) => (a.title < b.title ? -1 : 1)),
    unfound: await explainUnfound(tx, ctx, running, unfound),
  };
}

/** What the filters that run make of a rule's text, as if it were enabled; null for nothing. */
export async function readShaping(tx: Tx, ctx: Ctx, rule: KeptText): Promise<RuleShaping | null> {
  const running = await readRunning(tx, ctx);
  const joined = joinRunning(running, { ...rule, kind: 'rule' });
  const shapers = joined.shapersOf(rule.ruleId);
  if (shapers.length === 0) return null;
  const texts = await readTexts(tx, ctx);
  const compiled = compileWith(texts, joined, rule);
  return {
    filters: running
      .filter(({ ruleId, isShadow }) => !isShadow && shapers.includes(ruleId))
      .map(({ ruleId, name, title }) => ({ id: ruleId, name, title })),
    conditions: !compiled.ok
      ? []
      : compiled.rules.flatMap((item) =>
          item.kind === 'detection' && item.origin === undefined
            ? [{ part: item.key, condition: item.condition }]
            : [],
        ),
    tests: silencedOf(texts, joined, rule),
  };
}

/** A text with the filters that are put on it, and on what it counts of other sources. */
function compileWith(texts: readonly JoinableText[], joined: JoinedFilters, text: KeptText) {
  const among = withText(texts, text);
  return joinRules(among.texts, joined.filtersOf).compile(among.ruleId);
}

function silencedOf(texts: readonly JoinableText[], joined: JoinedFilters, text: KeptText) {
  const compiled = compileWith(texts, joined, text);
  return compiled.ok ? countSilenced(compiled) : null;
}

const idleWords = {
  draft: 'has not been approved yet',
  disabled: 'is switched off',
  enabled: 'runs',
} as const;

/** Says of a name that no running rule bears when one that does not run bears it. */
async function explainUnfound(
  tx: Tx,
  ctx: Ctx,
  running: readonly RunningText[],
  unfound: JoinedReach['unfound'],
): Promise<FilterReach['unfound']> {
  if (unfound.length === 0) return [];
  const rows = await tx
    .select({ title: rules.title, state: rules.state, source: rules.source })
    .from(rules)
    .where(
      and(eq(rules.tenantId, ctx.tenantId), eq(rules.kind, 'rule'), ne(rules.state, 'enabled')),
    )
    .orderBy(asc(rules.title))
    .limit(limits.rulesMax);
  const idle = rows.map((row) => ({ ...row, names: namesIn(row.source) }));
  // A name that a running rule bears has a reason of its own.
  const borne = new Set(running.flatMap(({ source }) => namesIn(source)));
  return unfound.map(({ name, reason }) => {
    const rule = borne.has(name) ? undefined : idle.find(({ names }) => names.includes(name));
    return rule === undefined
      ? { name, reason }
      : { name, reason: `“${rule.title}” ${idleWords[rule.state]}.` };
  });
}
