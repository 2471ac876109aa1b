import { z } from 'zod';
import { actorTypes } from '#db/enums.ts';

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
  detail: z.record(z.string(), z.unknown()),
});
export type AuditRow = z.infer<typeof auditRowSchema>;
