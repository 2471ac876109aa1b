import { requirePermission } from '#server/auth/require-permission.ts';
import { readTexts } from '#server/detection/internal/read-running.ts';
import { joinRules, type Reference } from '#server/detection/join-rules.ts';
import { joinPack } from '#server/detection/split-pack.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * The texts of rules as one pack, by name, with their tests: the tenant's own or all of them. Of a
 * rule whose change waits, what runs. Before each stands what it counts of rules that the pack does not
 * hold. @throws AppError `forbidden`
 */
export async function exportPack(ctx: Ctx, isWithShipped: boolean): Promise<string> {
  requirePermission(ctx, 'rules.read');
  const texts = await withRead(ctx, (tx) => readTexts(tx, ctx));
  const exported = texts
    .filter(({ isShipped }) => isWithShipped || !isShipped)
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .slice(0, limits.rulesMax);
  const held = new Set(exported.map(({ ruleId }) => ruleId));
  const joined = joinRules(texts);
  return joinPack(
    exported.map(({ ruleId, name, source }) => ({
      name,
      source,
      needs: joined
        .referencesOf(ruleId)
        .filter(({ text }) => text === null || !held.has(text.ruleId))
        .map(describe),
    })),
  );
}

/** In one line, whatever somebody has called it. */
function describe({ name, text }: Reference): string {
  const spelt = JSON.stringify(name);
  if (text === null) return `${spelt}, which nobody here could tell`;
  return `${spelt}, of ${text.name}${text.isShipped ? ', shipped with Signalbox' : ''}`;
}
