import type { Ctx } from '#server/kernel/context.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { CanaryMatcher } from './contract.ts';
import { createCanaryMatcher } from './find-canaries.ts';
import { readCanaryTexts } from './queries.ts';

interface Known {
  readonly matcher: Promise<CanaryMatcher | null>;
  readonly readAtMs: number;
}

/** Tenants whose compiled canaries are kept; the longest known go first. */
const tenantsMax = 1000;

async function compile(ctx: Ctx): Promise<CanaryMatcher | null> {
  const texts = await readCanaryTexts(ctx);
  return texts.length === 0 ? null : createCanaryMatcher(texts);
}

/**
 * Reads a tenant's canaries for ingest, compiled, at most once in `limits.canaryReadMs`; posts that
 * come meanwhile share the answer. A read that fails is not remembered and fails the post: events that
 * could not be searched are not stored.
 *
 * @param nowMs a clock that never goes back
 */
export function createCanaryReader(
  nowMs: () => number = () => performance.now(),
): (ctx: Ctx) => Promise<CanaryMatcher | null> {
  const known = new Map<TenantId, Known>();
  return (ctx) => {
    const found = known.get(ctx.tenantId);
    const readAtMs = nowMs();
    if (found && readAtMs - found.readAtMs < limits.canaryReadMs) return found.matcher;
    const matcher = compile(ctx);
    matcher.catch(() => known.delete(ctx.tenantId));
    known.delete(ctx.tenantId);
    known.set(ctx.tenantId, { matcher, readAtMs });
    for (const [oldest] of known) {
      if (known.size <= tenantsMax) break;
      known.delete(oldest);
    }
    return matcher;
  };
}
