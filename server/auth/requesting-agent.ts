import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';

/** The agent behind an agent key. @throws AppError `forbidden` for any other actor. */
export function agentOf(ctx: Ctx): {
  readonly agent: { readonly id: string; readonly slug: string };
  readonly keyId: string;
} {
  const { actor } = ctx;
  if (actor.type === 'key' && actor.kind === 'agent' && actor.agent !== null) {
    return { agent: actor.agent, keyId: actor.keyId };
  }
  throw new AppError('forbidden', 'Only an agent’s own key may do this.');
}

/** Whether this key may speak for a call: the agent's own, or an enforcer bound to its tool. */
export function mayEnforce(ctx: Ctx, agentId: string, tool: string): boolean {
  const { actor } = ctx;
  if (actor.type !== 'key') return false;
  if (actor.kind === 'agent') return actor.agent?.id === agentId;
  return actor.kind === 'enforcer' && actor.tools.includes(tool);
}
