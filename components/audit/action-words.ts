import type { ActorType, AuditAction } from '#server/audit/contract.ts';
import type { BadgeTone } from '../ui/badge.tsx';

/** What each audited action says of its actor: "ada@example.com **created a key**". */
export const actionWords: Readonly<Record<AuditAction, string>> = {
  'tenant.created': 'created the tenant',
  'person.added': 'added a person',
  'person.roles_changed': 'changed the roles of a person',
  'person.removed': 'removed a person',
  'person.password_changed': 'changed a password',
  'sign_in.opened': 'signed in',
  'sign_in.refused': 'was refused a sign-in',
  'sign_in.ended': 'ended a sign-in',
  'key.created': 'created a key',
  'key.revoked': 'revoked a key',
  'agent.registered': 'registered an agent',
  'agent.changed': 'changed an agent',
  'tool.added': 'described a tool',
  'tool.changed': 'changed a tool',
  'tool.removed': 'removed a tool',
  'canary.registered': 'registered a canary',
  'canary.removed': 'removed a canary',
  'rule.seeded': 'was given the first rules',
  'rule.enabled': 'switched a rule on',
  'rule.disabled': 'switched a rule off',
  'alert.opened': 'opened an alert',
  'alert.acknowledged': 'acknowledged an alert',
  'alert.resolved': 'resolved an alert',
  'action.decided': 'asked for an action',
  'action.cancelled': 'cancelled an action',
  'action.superseded': 'replaced an action',
  'action.outcome_reported': 'reported an outcome',
  'approval.requested': 'was held for approval',
  'approval.opened': 'opened sealed arguments',
  'approval.voted': 'voted on an action',
  'approval.approved': 'approved an action',
  'approval.denied': 'denied an action',
  'approval.questioned': 'asked an agent a question',
  'approval.answered': 'answered a question',
  'permit.issued': 'was given a permit',
  'permit.redeemed': 'redeemed a permit',
  'permit.refused': 'was refused a redeem',
  'stop.placed': 'placed a stop',
  'stop.repeated': 'pressed a standing stop again',
  'stop.acknowledged': 'finished the drain of a stop',
  'stop.lift_requested': 'asked to lift a stop',
  'stop.lifted': 'lifted a stop',
  'stop.answered': 'answered a stop',
  'list.exported': 'took a list away as a file',
  'demo.started': 'started the demo',
  'demo.stopped': 'stopped the demo',
  'demo.removed': 'removed the demo',
};

/** How each kind of actor is called and drawn. */
export const actorWords: Readonly<
  Record<ActorType, { readonly word: string; readonly tone: BadgeTone }>
> = {
  person: { word: 'person', tone: 'neutral' },
  key: { word: 'key', tone: 'accent' },
  cli: { word: 'command line', tone: 'neutral' },
  system: { word: 'Signalbox', tone: 'neutral' },
  anonymous: { word: 'not signed in', tone: 'warn' },
};
