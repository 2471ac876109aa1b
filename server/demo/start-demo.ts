import { demoAgents, demoDrillAgent } from '#db/scenarios/index.ts';
import { demoCanary } from '#db/scenarios/research.ts';
import { scenarioTools } from '#db/scenarios/tools.ts';
import { addTool } from '#server/agents/add-tool.ts';
import { changeAgent } from '#server/agents/change-agent.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { readAgent } from '#server/agents/queries.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { registerCanary } from '#server/guard/register-canary.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { readDemoState, writeDemoState } from './demo-state.ts';

/** Runs a step of the set-up that an earlier start may have done already. */
async function onceOnly(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAppError(error) || error.code !== 'conflict') throw error;
  }
}

/**
 * Says that the fleet is wanted, after giving the demo what it works with: its tools in the table,
 * its canary, a key for each agent that has none yet, and an agent for drills. `up` starts the fleet itself when it sees that.
 * @throws AppError `forbidden`.
 */
export async function startDemo(ctx: Ctx, folder: string): Promise<void> {
  requirePermission(ctx, 'demo.manage');
  const keys: Record<string, string> = { ...readDemoState(folder)?.keys };
  for (const tool of scenarioTools) {
    await onceOnly(() => addTool(ctx, { ...tool, loadBearingFields: null, argumentSchema: null }));
  }
  await onceOnly(() => registerCanary(ctx, { ...demoCanary, homes: [...demoCanary.homes] }));
  for (const agent of demoAgents) {
    if (keys[agent] !== undefined) continue;
    keys[agent] = (await issueKey(ctx, { kind: 'agent', name: `demo fleet: ${agent}`, agent })).key;
  }
  const drilled = await readAgent(ctx, demoDrillAgent);
  if (!drilled.isDrill) await changeAgent(ctx, { id: drilled.id, isDrill: true });
  await withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'demo.started',
      subject: { type: 'tenant', id: ctx.tenantId },
      detail: { agents: demoAgents },
    }),
  );
  writeDemoState(folder, { isWanted: true, keys });
}
