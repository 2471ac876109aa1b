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

/** Whether an alert that is not resolved asks for somebody now, or was set aside. */
export const alertAttentions = ['due', 'snoozed', 'archived'] as const;
export type AlertAttention = (typeof alertAttentions)[number];

/** What a person may do to an alert; each is a line of its history. */
export const alertStepKinds = [
  'acknowledged',
  'resolved',
  'snoozed',
  'archived',
  'returned',
  'assigned',
  'commented',
  'undone',
] as const;
export type AlertStepKind = (typeof alertStepKinds)[number];

export const alertChangeKinds = ['opened', 'updated', 'resolved'] as const;
export type AlertChangeKind = (typeof alertChangeKinds)[number];

/** A `rule` finds something; a `filter` leaves events out of rules, and opens no alerts itself. */
export const ruleSourceKinds = ['rule', 'filter'] as const;

/** `draft`: written here and never approved; the detector does not run it. */
export const ruleStates = ['draft', 'enabled', 'disabled'] as const;
export type RuleState = (typeof ruleStates)[number];

/** Of a change that waits for approval. In the shadow it runs and is logged, and alerts nobody. */
export const proposalStates = ['draft', 'shadow'] as const;
export type ProposalState = (typeof proposalStates)[number];

/** What a canary can be planted as: a codename in a sentence, a link, a dead key, a made-up customer. */
export const plantedForms = ['text', 'link', 'credential', 'record'] as const;
export type PlantedForm = (typeof plantedForms)[number];

export const backtestStates = ['queued', 'running', 'done', 'failed', 'cancelled'] as const;
export type BacktestState = (typeof backtestStates)[number];

/** `caep`: told of stops and revocations as security events; the others are told of alerts. */
export const channelKinds = ['webhook', 'email', 'caep'] as const;
export type ChannelKind = (typeof channelKinds)[number];

/** `disabled`: the receiver said for good that it wants nothing more. */
export const channelStates = ['active', 'disabled'] as const;
export type ChannelState = (typeof channelStates)[number];

/** `unconfirmed`: not sent yet, or sent and not taken; tried again until it is given up, `dead`. */
export const deliveryStates = ['unconfirmed', 'confirmed', 'dead'] as const;
export type DeliveryState = (typeof deliveryStates)[number];

/**
 * What came of a security event that another system pushed. `requested`: begun, and proven by nothing
 * yet; `nothing`: understood, and none of ours was there to end.
 */
export const receivedOutcomes = ['confirmed', 'requested', 'nothing', 'not_understood'] as const;
export type ReceivedOutcome = (typeof receivedOutcomes)[number];

/** What a received security event was found to be about. */
export const receivedTargets = ['agent', 'session', 'person', 'credential'] as const;
export type ReceivedTarget = (typeof receivedTargets)[number];

export const agentStates = ['active', 'disabled'] as const;
export type AgentState = (typeof agentStates)[number];

export const actorTypes = ['person', 'key', 'cli', 'system', 'anonymous'] as const;
export type ActorType = (typeof actorTypes)[number];

export const decisions = ['allow', 'hold', 'deny'] as const;
export type Decision = (typeof decisions)[number];

export const riskBands = ['low', 'medium', 'high', 'critical'] as const;
export type RiskBand = (typeof riskBands)[number];

/** What is stored of an approval; `expired` and `frozen` follow from the clock and the stops. */
export const approvalResults = [
  'pending',
  'approved',
  'denied',
  'cancelled',
  'superseded',
] as const;
export type ApprovalResult = (typeof approvalResults)[number];

export const voteVerdicts = ['approve', 'deny'] as const;
export type VoteVerdict = (typeof voteVerdicts)[number];

/** Whether a call of a governed tool used up a redeemed permit; `unverified`: not told by its agent. */
export const callPermits = ['redeemed', 'missing', 'unverified'] as const;
export type CallPermit = (typeof callPermits)[number];

export const outcomeStatuses = ['succeeded', 'failed'] as const;
export type OutcomeStatus = (typeof outcomeStatuses)[number];

/** `draining`: enforced, but what began before it may still be running its transaction. */
export const stopStates = ['draining', 'active', 'lifted'] as const;
export type StopState = (typeof stopStates)[number];

export const stopScopeKinds = [
  'tenant',
  'environment',
  'agent',
  'tree',
  'session',
  'tool',
  'credential',
] as const;
export type StopScopeKind = (typeof stopScopeKinds)[number];

/** What is looked at before a stop is lifted, in this order. */
export const recoveryPoints = [
  'cause_known',
  'credentials_rotated',
  'memory_reviewed',
  'rule_added',
] as const;
export type RecoveryPoint = (typeof recoveryPoints)[number];

export const drillTriggers = ['person', 'schedule'] as const;
export type DrillTrigger = (typeof drillTriggers)[number];

/** `done`: its stop was lifted. `lapsed`: it was not, within a day; what it lacks stays unknown. */
export const drillEnds = ['done', 'lapsed'] as const;
export type DrillEnd = (typeof drillEnds)[number];

/** What an agent's instance said of a stop, in the order of the ladder; `delivered` is our own word. */
export const stopReceiptStates = [
  'delivered',
  'acknowledged',
  'stopped',
  'refused',
  'not_capable',
] as const;
export type StopReceiptState = (typeof stopReceiptStates)[number];

/** What a running copy of an agent says that it can do. */
export const instanceCapabilities = ['control', 'poll', 'liveness', 'ask'] as const;
export type InstanceCapability = (typeof instanceCapabilities)[number];

/** What may change on the control plane, for those who follow it. */
export const controlNouns = [
  'action',
  'approval',
  'stop',
  'question',
  'key',
  'agent',
  'credential',
] as const;
export type ControlNoun = (typeof controlNouns)[number];

/** What a credential is at its tool; says how it can die. */
export const credentialKinds = [
  'api_key',
  'access_token',
  'refresh_token',
  'jwt',
  'vault_lease',
] as const;
export type CredentialKind = (typeof credentialKinds)[number];

/**
 * What a lease's token is. Of a `jwt`, signature and time can be checked without asking here, so whoever
 * does only that takes it until its last second, whatever has ended it.
 */
export const leaseTokenFormats = ['opaque', 'jwt'] as const;
export type LeaseTokenFormat = (typeof leaseTokenFormats)[number];

/** Why a lease was ended before its time. All else that kills one is derived when it is asked for. */
export const leaseEnds = ['revoked', 'session_ended', 'credential_revoked'] as const;
export type LeaseEnd = (typeof leaseEnds)[number];

/**
 * Whether a kept secret is looked for in telemetry. `pending`: a worker has yet to mark it;
 * `untellable`: too short or too plain to be told from other text.
 */
export const secretWatches = ['pending', 'watched', 'untellable'] as const;
export type SecretWatch = (typeof secretWatches)[number];

/** What shows that a credential is used, or its secret known, outside of the broker; worst first. */
export const outsideEvidence = [
  'secret_in_arguments',
  'secret_in_telemetry',
  'call_without_lease',
  'dead_lease_presented',
] as const;
export type OutsideEvidence = (typeof outsideEvidence)[number];

/** Kinds of providers that a revocation can be sent to. */
export const providerAdapters = ['oauth', 'vault', 'webhook'] as const;
export type ProviderAdapter = (typeof providerAdapters)[number];

/** What of a credential is revoked: its leases here, and itself where it was made. */
export const revocationTargets = ['leases', 'provider'] as const;
export type RevocationTarget = (typeof revocationTargets)[number];

/** Only `verified` is proof. `external`: somebody has to do it elsewhere, and nobody here can see it. */
export const revocationStates = [
  'requested',
  'sent',
  'confirmed',
  'verified',
  'unverifiable',
  'failed',
  'external',
] as const;
export type RevocationState = (typeof revocationStates)[number];

export const revocationStepKinds = [
  'requested',
  'probed_before',
  'sent',
  'probed',
  'retried',
] as const;
export type RevocationStepKind = (typeof revocationStepKinds)[number];

/** What a rule may have done by itself when it opens an alert. */
export const responseActions = ['stop', 'contain'] as const;
export type ResponseAction = (typeof responseActions)[number];

/**
 * `running` counts against the cap from then on; `capped` and `skipped` did nothing, and say why;
 * `failed` is tried no more, and what stands of it is linked; `undone` by a person.
 */
export const responseStates = [
  'due',
  'running',
  'done',
  'failed',
  'capped',
  'skipped',
  'undone',
] as const;
export type ResponseState = (typeof responseStates)[number];

/** TypeID prefixes by what they name; the outer contract fixes them. */
export const idPrefixes = {
  tenant: 'ten',
  user: 'usr',
  key: 'key',
  agent: 'agt',
  tool: 'tol',
  rule: 'rul',
  alert: 'alr',
  triage: 'trg',
  backtest: 'bkt',
  canary: 'can',
  channel: 'chn',
  delivery: 'dlv',
  transmitter: 'trm',
  receivedEvent: 'sev',
  signIn: 'sgn',
  audit: 'aud',
  action: 'act',
  approval: 'apr',
  permit: 'prm',
  redemption: 'rdm',
  stop: 'stp',
  question: 'qst',
  lift: 'lft',
  check: 'chk',
  drill: 'drl',
  credential: 'crd',
  lease: 'lse',
  provider: 'prv',
  revocation: 'rvk',
  revocationStep: 'rvs',
  containment: 'cnt',
  response: 'rsp',
} as const;
export type IdNoun = keyof typeof idPrefixes;
