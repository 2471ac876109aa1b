import { requirePermission } from '#server/auth/require-permission.ts';
import { mayEnforce } from '#server/auth/requesting-agent.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import type { Introspection } from './contract.ts';
import type { LeaseTools } from './lease-jwt.ts';
import { hashAnyLeaseToken } from './lease-token.ts';
import { noteLeaseUse } from './note-lease-use.ts';
import { noteDeadLease } from './outside/note-dead-lease.ts';
import { readLeaseByHash } from './read-lease.ts';

const inactive = { active: false } as const;

/**
 * Whether a token is a live lease (RFC 7662), asked by the tool's side before it serves a call, or by
 * the agent of its own. A JWT, too, is judged by its row alone, once its signature is ours. Read afresh each time and cached nowhere; while nothing can be read there is no
 * answer, and whoever asked must take that for a no.
 * @throws AppError `forbidden`; a database error while the store is away (503)
 */
export async function introspectToken(
  ctx: Ctx,
  tools: LeaseTools,
  token: string,
): Promise<Introspection> {
  requirePermission(ctx, 'leases.introspect');
  const hash = await hashAnyLeaseToken(tools, token);
  if (hash === null || isStopFilePresent()) return inactive;
  const lease = await withRead(ctx, (tx) => readLeaseByHash(tx, ctx, hash));
  if (lease === null) return inactive;
  const isEnforced = mayEnforce(ctx, lease.agentId, lease.tool);
  if (lease.death !== null) {
    // An agent may ask after its own lease as often as it likes; a tool was shown the token.
    if (isEnforced && !isOwn(ctx, lease.agentId)) noteDeadLease(ctx, lease);
    return inactive;
  }
  if (!isEnforced) return inactive;
  noteLeaseUse(ctx, lease);
  return {
    active: true,
    scope: lease.scopes.join(' '),
    client_id: lease.agentSlug,
    sub: lease.agentId,
    aud: lease.tool,
    iss: tools.issuer,
    iat: lease.issuedSeconds,
    nbf: lease.issuedSeconds,
    exp: lease.expiresSeconds,
    jti: lease.id,
    token_type: 'Bearer',
    credential_id: lease.credentialId,
    action_id: lease.actionId,
  };
}

const isOwn = (ctx: Ctx, agentId: string): boolean =>
  ctx.actor.type === 'key' && ctx.actor.agent?.id === agentId;
