import { and, eq, ne, sql } from 'drizzle-orm';
import { unionAll } from 'drizzle-orm/pg-core';
import { LRUCache } from 'lru-cache';
import type { Tx } from '#db/client.ts';
import { ruleProposals, rules } from '#db/schema/detection.ts';
import {
  isInShadow,
  joinRunning,
  readRunning,
  readTexts,
} from '#server/detection/internal/read-running.ts';
import { joinRules, withText } from '#server/detection/join-rules.ts';
import { buildPack, type RulePack } from '#server/detection/rule-pack.ts';
import type { RuleProblem } from '#server/detection/sigma/rule-fault.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';

export interface PackLoader {
  /** The enabled rules of the context's tenant and those in the shadow, compiled, its filters put on. */
  readonly load: (tx: Tx, ctx: Ctx) => Promise<RulePack>;
}

interface Loaded {
  /** Ids, versions and states of what runs or may be counted: changes with every change that matters. */
  readonly signature: string;
  readonly pack: RulePack;
}

/**
 * Compiles a tenant's rules once and again only when one changes: each batch asks for ids and
 * versions alone. A rule that no longer compiles is left out and said in the log; it cannot take
 * the others with it.
 */
export function createPackLoader(log: Log): PackLoader {
  const packs = new LRUCache<string, Loaded>({ max: limits.rulePacksMax });
  return {
    load: async (tx, ctx) => {
      const running = await selectRunning(tx, ctx);
      const signature = running
        .map(({ id, version, state }) => `${id}:${version}:${state}`)
        .join(' ');
      const known = packs.get(ctx.tenantId);
      if (known?.signature === signature) return known.pack;
      const pack = await compilePack(tx, ctx, log);
      packs.set(ctx.tenantId, { signature, pack });
      return pack;
    },
  };
}

/** Ids and versions of what runs, or is switched off and may be counted: one round trip for each batch. */
function selectRunning(tx: Tx, ctx: Ctx) {
  return unionAll(
    tx
      .select({ id: rules.id, version: rules.version, state: sql<string>`${rules.state}` })
      .from(rules)
      .where(and(eq(rules.tenantId, ctx.tenantId), ne(rules.state, 'draft'))),
    tx
      .select({
        id: ruleProposals.ruleId,
        version: ruleProposals.version,
        state: sql<string>`'shadow'`,
      })
      .from(ruleProposals)
      .where(isInShadow(ctx)),
  ).orderBy(sql`1, 2, 3`);
}

/**
 * What does not compile is left out; whoever saved it was told, so it is a fault of ours. A filter
 * that is left out leaves its rules as loud as they are without it.
 */
async function compilePack(tx: Tx, ctx: Ctx, log: Log): Promise<RulePack> {
  const running = await readRunning(tx, ctx);
  const joined = joinRunning(running);
  const texts = await readTexts(tx, ctx);
  const counting = joinRules(texts, joined.filtersOf);
  const refuse = (ruleId: string, problems: readonly RuleProblem[]) =>
    log.error({ ruleId, problems }, 'a rule that runs does not compile');
  for (const { ruleId, problems } of joined.broken) refuse(ruleId, problems);
  return buildPack(
    running.flatMap(({ ruleId, kind, name, version, source, isShadow }) => {
      if (kind === 'filter') return [];
      const compiled = isShadow
        ? joinRules(withText(texts, { name, source }).texts, joined.filtersOf).compile(ruleId)
        : counting.compile(ruleId);
      if (compiled.ok) return [{ ruleId, version, rules: compiled.rules, isShadow }];
      refuse(ruleId, compiled.problems);
      return [];
    }),
  );
}
