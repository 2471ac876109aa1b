import { and, eq, inArray } from 'drizzle-orm';
import { LRUCache } from 'lru-cache';
import type { Tx } from '#db/client.ts';
import { rules } from '#db/schema/detection.ts';
import { buildPack, type RulePack } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';

export interface PackLoader {
  /** The enabled rules of the context's tenant, compiled. */
  readonly load: (tx: Tx, ctx: Ctx) => Promise<RulePack>;
}

interface Loaded {
  /** Ids and versions of the enabled rules: changes with every change that matters. */
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
      const enabled = await tx
        .select({ id: rules.id, version: rules.version })
        .from(rules)
        .where(and(eq(rules.tenantId, ctx.tenantId), eq(rules.state, 'enabled')))
        .orderBy(rules.id);
      const signature = enabled.map(({ id, version }) => `${id}:${version}`).join(' ');
      const known = packs.get(ctx.tenantId);
      if (known?.signature === signature) return known.pack;
      const pack = await compilePack(
        tx,
        ctx,
        enabled.map(({ id }) => id),
        log,
      );
      packs.set(ctx.tenantId, { signature, pack });
      return pack;
    },
  };
}

async function compilePack(tx: Tx, ctx: Ctx, ids: readonly string[], log: Log): Promise<RulePack> {
  if (ids.length === 0) return buildPack([]);
  const rows = await tx
    .select({ id: rules.id, version: rules.version, source: rules.source })
    .from(rules)
    .where(and(eq(rules.tenantId, ctx.tenantId), inArray(rules.id, [...ids])))
    .orderBy(rules.id);
  return buildPack(
    rows.flatMap(({ id, version, source }) => {
      const compiled = compileSource(source);
      if (compiled.ok) return [{ ruleId: id, version, rules: compiled.rules }];
      log.error({ ruleId: id, problems: compiled.problems }, 'an enabled rule does not compile');
      return [];
    }),
  );
}
