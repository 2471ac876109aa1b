import { demoAgents } from '#db/scenarios/index.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { readDemoState, writeDemoState } from './demo-state.ts';

/**
 * Says that the fleet is wanted, and gives its agents their keys when they have none yet. `up`
 * starts the fleet itself when it sees that. @throws AppError `forbidden`.
 */
export async function startDemo(ctx: Ctx, folder: string): Promise<void> {
  requirePermission(ctx, 'demo.manage');
  const keys: Record<string, string> = { ...readDemoState(folder)?.keys };
  for (const agent of demoAgents) {
    if (keys[agent] !== undefined) continue;
    keys[agent] = (await issueKey(ctx, { kind: 'agent', name: `demo fleet: ${agent}`, agent })).key;
  }
  await withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'demo.started',
      subject: { type: 'tenant', id: ctx.tenantId },
      detail: { agents: demoAgents },
    }),
  );
  writeDemoState(folder, { isWanted: true, keys });
}
