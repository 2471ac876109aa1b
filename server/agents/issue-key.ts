import type { CreatedKey } from '#server/auth/contract.ts';
import { createKeyIn } from '#server/auth/create-key.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { issueKeyInput, type IssueKeyInput } from './contract.ts';
import { registerAgentsIn } from './register-agent.ts';

// no-audit: the agent's and the key's rows are written by registerAgentsIn and createKeyIn.

/**
 * Issues a machine key of any kind; an agent key makes its agent when there is none. It lives here
 * and not with the keys because the module of agents stands above the one of keys.
 * @throws AppError `forbidden`, `unprocessable` when kind, agent and tools do not fit each other.
 */
export async function issueKey(ctx: Ctx, input: IssueKeyInput): Promise<CreatedKey> {
  requirePermission(ctx, 'keys.write');
  const parsed = issueKeyInput.safeParse(input);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new AppError(
      'unprocessable',
      `The key’s ${issue?.path.join('.') ?? 'request'} is wrong: ${issue?.message ?? 'unknown'}.`,
    );
  }
  const { agent: slug, ...wanted } = parsed.data;
  return withTransaction(ctx, async (tx) => {
    const [agent] = slug === null ? [] : await registerAgentsIn(tx, ctx, [slug]);
    return createKeyIn(tx, ctx, { ...wanted, agent: agent ?? null });
  });
}
