import { issueKey } from '#server/agents/issue-key.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { TestBed } from './database.ts';
import { cliActor, makeCtx } from './factories.ts';
import { makeHoldScene } from './hold-scene.ts';

/** A scene whose agent and enforcer act with keys that are rows, as behind the door. */
export async function makeKeyedScene(bed: TestBed) {
  const scene = await makeHoldScene(bed);
  const cli = makeCtx(bed.owner, scene.tenant.id, cliActor);
  const keyed = async (ctx: Ctx, kind: 'agent' | 'enforcer') => {
    const tools = ctx.actor.type === 'key' ? [...ctx.actor.tools] : [];
    const agent = kind === 'agent' ? scene.agent.slug : null;
    const { id: keyId } = await issueKey(cli, { kind, name: kind, agent, tools });
    if (ctx.actor.type !== 'key') throw new Error('a key expected');
    return { keyId, ctx: { ...ctx, actor: { ...ctx.actor, keyId } } };
  };
  const agent = await keyed(scene.agentCtx, 'agent');
  const enforcer = await keyed(scene.enforcerCtx, 'enforcer');
  return {
    ...scene,
    cli,
    agentCtx: agent.ctx,
    enforcerCtx: enforcer.ctx,
    agentKey: agent,
    enforcer,
  };
}

export type KeyedScene = Awaited<ReturnType<typeof makeKeyedScene>>;
