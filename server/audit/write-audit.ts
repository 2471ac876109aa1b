import type { Tx } from '#db/client.ts';
import { auditLog } from '#db/schema/audit.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { newId } from '#server/kernel/ids.ts';
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

/**
 * The refusal where an audit row cannot be written: no audit, no action. Whatever kept it from being
 * written, nothing was changed and the same request may succeed later, so it is never a fault of its own.
 */
export const unrecorded = (cause: unknown): AppError =>
  new AppError(
    'store_unavailable',
    'This cannot be recorded now, so nothing was changed; try it again later.',
    { cause },
  );

/**
 * Writes the audit row of a change inside the change's own transaction: if it cannot be written,
 * nothing changes.
 * @throws AppError `store_unavailable`
 */
export function writeAudit(tx: Tx, ctx: Ctx, entry: AuditEntry): Promise<void> {
  return writeAuditRows(tx, ctx, [entry]);
}

/** The same for a change of many things: a few hundred rows in one statement. */
export async function writeAuditRows(
  tx: Tx,
  ctx: Ctx,
  entries: readonly AuditEntry[],
): Promise<void> {
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
    throw unrecorded(error);
  }
}
