import { createDb } from '#db/client.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { commandLine } from '#server/cli/actor.ts';
import { findTenant } from '#server/auth/find-tenant.ts';
import type { BenchTenant, Stack } from './stack.ts';

/** Keys of as many agents of a tenant; the command line would take a second for each. */
export async function makeAgentKeys(
  stack: Stack,
  tenant: BenchTenant,
  agents: number,
): Promise<string[]> {
  const db = createDb(stack.adminUrl, { connectionsMax: 1 });
  const keys: string[] = [];
  try {
    const { tenantId } = await findTenant(db, tenant.slug);
    const ctx = { db, tenantId, ...commandLine() };
    for (let index = 0; index < agents; index += 1) {
      const agent = `bench-agent-${index}`;
      keys.push((await issueKey(ctx, { kind: 'agent', name: agent, agent })).key);
    }
    return keys;
  } finally {
    await db.$client.end();
  }
}
