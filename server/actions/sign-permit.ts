import type { HoldTools } from '#server/approvals/hold-tools.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** What the claims of a permit are made from; times in whole seconds since 1970. */
export interface PermitToSign {
  readonly id: string;
  readonly actionId: string;
  readonly agentId: string;
  readonly tool: string;
  readonly digest: string;
  readonly nonce: Buffer;
  readonly policyVersion: string;
  readonly epoch: number;
  readonly issuedAt: number;
  readonly expiresAt: number;
  /** Whether a reviewer changed the arguments. */
  readonly isEdited: boolean;
}

/** A permit's signed form, the same each time: made from its row, stored nowhere. */
export function signPermit(ctx: Ctx, tools: HoldTools, permit: PermitToSign): string {
  return tools.permitKey.sign({
    iss: tools.issuer,
    ten: ctx.tenantId,
    sub: permit.agentId,
    jti: permit.id,
    act: permit.actionId,
    tool: permit.tool,
    dig: permit.digest,
    n: permit.nonce.toString('base64url'),
    pol: permit.policyVersion,
    epoch: permit.epoch,
    iat: permit.issuedAt,
    exp: permit.expiresAt,
    edited: permit.isEdited,
  });
}
