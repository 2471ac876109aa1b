import { z } from 'zod';
import { type ActorType, actorTypes } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';

export { type ActorType, actorTypes };

/** Every audited change, `noun.verb`. Closed: a new verb adds its word here. */
export const auditActions = [
  'tenant.created',
  'person.added',
  'person.roles_changed',
  'person.removed',
  'person.password_changed',
  'sign_in.opened',
  'sign_in.refused',
  'sign_in.ended',
  'key.created',
  'key.revoked',
  'agent.registered',
  'agent.changed',
  'tool.added',
  'tool.changed',
  'tool.removed',
  'canary.registered',
  'canary.removed',
  'rule.seeded',
  'rule.enabled',
  'rule.disabled',
  'alert.opened',
  'alert.acknowledged',
  'alert.resolved',
  'action.decided',
  'action.cancelled',
  'action.superseded',
  'action.outcome_reported',
  'approval.requested',
  'approval.opened',
  'approval.voted',
  'approval.approved',
  'approval.denied',
  'approval.questioned',
  'approval.answered',
  'permit.issued',
  'permit.redeemed',
  'permit.refused',
  'stop.placed',
  'stop.repeated',
  'stop.acknowledged',
  'stop.lift_requested',
  'stop.lifted',
  'stop.answered',
  'demo.started',
  'demo.stopped',
  'demo.removed',
] as const;
export type AuditAction = (typeof auditActions)[number];

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
