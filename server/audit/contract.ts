import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { type ActorType, actorTypes, type AuditAction, auditActions } from './states/contract.ts';

export { type ActorType, actorTypes, type AuditAction, auditActions };

/** One row of the explorer. */
export const auditRowSchema = z.object({
  id: z.string(),
  position: z.string(),
  at: z.string(),
  actorType: z.enum(actorTypes),
  actorId: z.string(),
  actorLabel: z.string(),
  onBehalfOf: z.string(),
  action: z.enum(auditActions),
  subjectType: z.string(),
  subjectId: z.string(),
  decision: z.string(),
  risk: z.string(),
  cause: z.string(),
  requestId: z.string(),
  detail: z.record(z.string(), z.json()),
});
export type AuditRow = z.infer<typeof auditRowSchema>;

/** Text that people filter by: Postgres refuses U+0000 in any text. */
export const filterTextSchema = z
  .string()
  .trim()
  .max(limits.nameCharsMax)
  .regex(/^[^\0]*$/, 'must not contain U+0000');

/** Which rows the explorer shows; what is left out does not narrow. Newest first. */
export const auditFilterInput = z.object({
  limit: z.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
  cursor: z.string().max(64).nullish(),
  /** An actor's id, or a part of the name under which it stands in the log. */
  actor: filterTextSchema.nullish(),
  actorType: z.enum(actorTypes).nullish(),
  actions: z.array(z.enum(auditActions)).max(auditActions.length).nullish(),
  /** A subject's id. */
  subject: filterTextSchema.nullish(),
  /** From this instant on. */
  from: z.iso.datetime({ offset: true }).nullish(),
  /** Before this instant. */
  to: z.iso.datetime({ offset: true }).nullish(),
});
export type AuditFilter = z.infer<typeof auditFilterInput>;
