/**
 * Every state and kind that a column may hold, as plain arrays: the schema, the contracts and the
 * screens read the same lists. Order is the order in which people meet them.
 */
export const roles = ['viewer', 'analyst', 'reviewer', 'responder', 'auditor', 'admin'] as const;
export type Role = (typeof roles)[number];

export const keyKinds = ['agent', 'ingest', 'service', 'enforcer'] as const;
export type KeyKind = (typeof keyKinds)[number];

export const effectClasses = ['read', 'write', 'destructive', 'outbound', 'money'] as const;
export type EffectClass = (typeof effectClasses)[number];

export const severities = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type Severity = (typeof severities)[number];

export const alertStates = ['open', 'acknowledged', 'resolved'] as const;
export type AlertState = (typeof alertStates)[number];

export const alertVerdicts = ['true_positive', 'benign', 'false_positive'] as const;
export type AlertVerdict = (typeof alertVerdicts)[number];

export const alertChangeKinds = ['opened', 'updated', 'resolved'] as const;
export type AlertChangeKind = (typeof alertChangeKinds)[number];

export const ruleStates = ['enabled', 'disabled'] as const;
export type RuleState = (typeof ruleStates)[number];

export const agentStates = ['active', 'disabled'] as const;
export type AgentState = (typeof agentStates)[number];

export const actorTypes = ['person', 'key', 'cli', 'system', 'anonymous'] as const;
export type ActorType = (typeof actorTypes)[number];

/** TypeID prefixes by what they name; the outer contract fixes them. */
export const idPrefixes = {
  tenant: 'ten',
  user: 'usr',
  key: 'key',
  agent: 'agt',
  tool: 'tol',
  rule: 'rul',
  alert: 'alr',
  canary: 'can',
  signIn: 'sgn',
  audit: 'aud',
} as const;
export type IdNoun = keyof typeof idPrefixes;
