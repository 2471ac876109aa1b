import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { readDemoState, writeDemoState } from './demo-state.ts';

/** Says that the fleet is not wanted; `up` ends it when it sees that. @throws AppError `forbidden`. */
export async function stopDemo(ctx: Ctx, folder: string): Promise<void> {
  requirePermission(ctx, 'demo.manage');
  await withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, { action: 'demo.stopped', subject: { type: 'tenant', id: ctx.tenantId } }),
  );
  const state = readDemoState(folder);
  if (state) writeDemoState(folder, { ...state, isWanted: false });
}
