import type { Tx } from '#db/client.ts';
import { auditLog } from '#db/schema/audit.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
import { isStoreError } from '#server/http/problem.ts';
import type { AuditAction } from './contract.ts';

export interface AuditEntry {
  readonly action: AuditAction;
  /** What was changed: its noun and its id. */
  readonly subject: { readonly type: string; readonly id: string };
  /** What changed, without secrets; small. */
  readonly detail?: Readonly<Record<string, unknown>>;
  readonly onBehalfOf?: string;
  readonly decision?: string;
  readonly risk?: string;
  readonly cause?: string;
}

/** The id and the readable name under which an actor stands in the log. */
export function actorIdentity(actor: Actor): { id: string; label: string } {
  switch (actor.type) {
    case 'person':
      return { id: actor.userId, label: actor.email };
    case 'key':
      return { id: actor.keyId, label: actor.agent?.slug ?? actor.name };
    case 'cli':
      return { id: actor.name, label: actor.name };
    case 'system':
      return { id: actor.name, label: actor.name };
    case 'anonymous':
      return { id: actor.address, label: 'someone not signed in' };
  }
}

/** SQLSTATE of the database's answer in an error or what caused it; null where it gave none. */
function answerOf(error: unknown): string | null {
  for (let at = error; at instanceof Error; at = at.cause)
    if ('code' in at && typeof at.code === 'string' && /^[0-9A-Z]{5}$/.test(at.code))
      return at.code;
  return null;
}

/**
 * What is thrown where a row without which nothing happens could not be written: no audit, no action.
 * Where the database refused the row, nothing was changed and the same request may succeed later. What
 * is no such answer stays as it is: a lost connection, after which the outcome is unknown, values that it
 * can never take (class 22), a transaction to be tried again (class 40), a fault of our own.
 */
export function refusalToRecord(error: unknown): unknown {
  const answer = answerOf(error);
  if (answer === null || isStoreError(error) || /^(?:22|40)/.test(answer)) return error;
  return new AppError(
    'store_unavailable',
    'This cannot be recorded now, so nothing was changed; try it again later.',
    { cause: error },
  );
}

/**
 * Writes the audit row of a change, or the rows of up to a few hundred changes that are kept together, inside the
 * change's own transaction: if it cannot be written, nothing changes.
 * @throws AppError `store_unavailable` where the database refuses the row
 */
export async function writeAudit(
  tx: Tx,
  ctx: Ctx,
  told: AuditEntry | readonly AuditEntry[],
): Promise<void> {
  const entries = 'action' in told ? [told] : told;
  if (entries.length === 0) return;
  const actor = actorIdentity(ctx.actor);
  const rows = entries.map((entry) => ({
    tenantId: ctx.tenantId,
    id: newId('audit'),
    actorType: ctx.actor.type,
    actorId: actor.id,
    actorLabel: actor.label,
    onBehalfOf: entry.onBehalfOf ?? 'none',
    action: entry.action,
    subjectType: entry.subject.type,
    subjectId: entry.subject.id,
    decision: entry.decision ?? 'none',
    risk: entry.risk ?? 'none',
    cause: entry.cause ?? 'none',
    requestId: ctx.requestId,
    detail: entry.detail ?? {},
  }));
  try {
    await tx.insert(auditLog).values(rows);
  } catch (error) {
    throw refusalToRecord(error);
  }
}
