import {
  matrixRuleSource as ruleSource,
  proposalName,
  type Target,
  type TargetNoun,
} from './authorisation-targets.ts';

/**
 * Everyone who can knock. People and keys belong to one tenant; `expired` is a person whose sign-in
 * is over; `cli` and `system` never come over HTTP and call the procedures' verbs directly.
 */
export const principals = [
  'anonymous',
  'expired',
  'viewer',
  'analyst',
  'reviewer',
  'responder',
  'auditor',
  'admin',
  'agent key',
  'ingest key',
  'enforcer key',
  'service key',
  'cli',
  'system',
] as const;
export type Principal = (typeof principals)[number];

/** Who sees events; of the payloads, all of them but viewers. */
const readers = [
  'viewer',
  'analyst',
  'reviewer',
  'responder',
  'auditor',
  'admin',
  'service key',
  'cli',
  'system',
] as const;
const bodyReaders = readers.filter((one) => one !== 'viewer');

const people = ['viewer', 'analyst', 'reviewer', 'responder', 'auditor', 'admin'] as const;

export interface ProcedureRow {
  /** Who gets what they asked for, in their own tenant. Everyone else is refused. */
  readonly may: readonly Principal[];
  /** Asks for a person before a tenant: keys and the command line are unauthenticated there. */
  readonly isForPersonsOnly?: true;
  /** What is named by its id; the id of another tenant's or of a deleted one is "not found". */
  readonly on?: TargetNoun;
  /** Answers what is absent, foreign or deleted with an empty list instead of "not found". */
  readonly isEmptyWhenAbsent?: true;
  readonly input?: (target: Target) => unknown;
  /** Lists that must show the marker of the own tenant's things to prove that the probe can see. */
  readonly shows?: TargetNoun;
}

/**
 * THE table: what each procedure answers to whom, reviewed by people. It repeats the permissions on
 * purpose, so that a slip there is seen here. A new procedure needs one line; without it the test is
 * red.
 */
export const procedureTable: Readonly<Record<string, ProcedureRow>> = {
  'auth.me': { may: people, isForPersonsOnly: true },
  'auth.changePassword': {
    may: people,
    input: () => ({
      currentPassword: 'correct horse battery',
      newPassword: 'correct horse battery',
    }),
  },
  'signIns.list': { may: people, isForPersonsOnly: true },
  'signIns.end': {
    may: people,
    isForPersonsOnly: true,
    on: 'signIn',
    input: ({ id }) => ({ id }),
  },
  'people.list': { may: ['auditor', 'admin', 'cli'], input: () => ({}), shows: 'person' },
  'people.add': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({
      email: `${fresh}@example.test`,
      name: 'New',
      roles: ['viewer'],
      password: 'correct horse battery',
    }),
  },
  'people.changeRoles': {
    may: ['admin', 'cli'],
    on: 'person',
    input: ({ id }) => ({ userId: id, roles: ['auditor'] }),
  },
  'people.remove': { may: ['admin', 'cli'], on: 'person', input: ({ id }) => ({ userId: id }) },
  'keys.list': { may: ['auditor', 'admin', 'cli'], input: () => ({ limit: 200 }), shows: 'key' },
  'keys.issue': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({ kind: 'agent', name: 'New', agent: fresh }),
  },
  'keys.revoke': { may: ['admin', 'cli'], on: 'key', input: ({ id }) => ({ id }) },
  'agents.list': {
    may: readers,
    input: () => ({ limit: 200 }),
    shows: 'agent',
  },
  'agents.get': {
    may: readers,
    on: 'agent',
    input: ({ id }) => ({ agent: id }),
    shows: 'agent',
  },
  'agents.change': {
    may: ['admin', 'cli'],
    on: 'agent',
    input: ({ id }) => ({ id, environment: 'staging' }),
  },
  'tools.list': {
    may: [...people, 'cli', 'system'],
    input: () => ({ limit: 200 }),
    shows: 'tool',
  },
  'tools.add': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({ ...toolFacts, name: fresh }),
  },
  'tools.change': {
    may: ['admin', 'cli'],
    on: 'tool',
    input: ({ id }) => ({ ...toolFacts, id }),
  },
  'tools.remove': { may: ['admin', 'cli'], on: 'tool', input: ({ id }) => ({ id }) },
  'canaries.list': {
    may: ['analyst', 'responder', 'auditor', 'admin', 'cli', 'system'],
    input: () => ({ limit: 200 }),
    shows: 'canary',
  },
  'canaries.register': {
    may: ['analyst', 'cli'],
    input: ({ fresh }) => ({ name: fresh, marker: `planted ${fresh}`, homes: [] }),
  },
  'canaries.mint': {
    may: ['analyst', 'cli'],
    input: ({ fresh }) => ({ document: fresh, forms: ['text'], homes: [] }),
  },
  'channels.list': {
    may: [...people, 'cli', 'system'],
    shows: 'channel',
  },
  'channels.add': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({
      kind: 'webhook',
      name: fresh,
      target: 'https://example.com/hook',
      severityMin: 'high',
    }),
  },
  'channels.remove': { may: ['admin', 'cli'], on: 'channel', input: ({ id }) => ({ id }) },
  'channels.test': { may: ['admin', 'cli'], on: 'channel', input: ({ id }) => ({ id }) },
  'channels.deliveries': {
    may: [...people, 'cli', 'system'],
    input: () => ({}),
    shows: 'delivery',
  },
  'channels.retry': {
    may: ['analyst', 'responder', 'admin', 'cli'],
    on: 'delivery',
    input: ({ id }) => ({ id }),
  },
  'transmitters.list': {
    may: ['analyst', 'responder', 'auditor', 'admin', 'cli'],
    shows: 'transmitter',
  },
  'transmitters.add': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({
      from: 'fetched',
      name: fresh,
      issuer: 'https://idp.example',
      keysUrl: 'https://idp.example/jwks',
    }),
  },
  'transmitters.remove': { may: ['admin', 'cli'], on: 'transmitter', input: ({ id }) => ({ id }) },
  'transmitters.events': {
    may: ['analyst', 'responder', 'auditor', 'admin', 'cli'],
    shows: 'receivedEvent',
  },
  'canaries.remove': { may: ['analyst', 'cli'], on: 'canary', input: ({ id }) => ({ id }) },
  'credentials.list': {
    may: [...people, 'cli', 'system'],
    input: () => ({ limit: 200 }),
    shows: 'credential',
  },
  'credentials.get': {
    may: [...people, 'cli', 'system'],
    on: 'credential',
    input: ({ id }) => ({ id }),
    shows: 'credential',
  },
  'credentials.preview': {
    may: [...people, 'cli', 'system'],
    on: 'credential',
    input: ({ id }) => ({ id }),
    shows: 'credential',
  },
  'credentials.providers': { may: [...people, 'cli', 'system'], shows: 'provider' },
  'credentials.add': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({
      name: fresh,
      tool: 'matrix_tool',
      kind: 'api_key',
      secret: 'matrix',
      scopes: ['read'],
      holders: [],
    }),
  },
  'credentials.addProvider': {
    may: ['admin', 'cli'],
    input: ({ fresh }) => ({
      name: fresh,
      settings: { adapter: 'webhook', url: 'https://provider.example/revoke' },
      secret: 'matrix',
    }),
  },
  'credentials.revoke': {
    may: ['responder', 'admin', 'cli'],
    on: 'credential',
    input: ({ id }) => ({ id, reason: 'matrix' }),
  },
  'credentials.retry': {
    may: ['responder', 'admin', 'cli'],
    on: 'revocation',
    input: ({ id }) => ({ id }),
  },
  'audit.list': {
    may: ['responder', 'auditor', 'admin', 'cli'],
    input: () => ({ limit: 200 }),
    shows: 'auditRow',
  },
  'approvals.list': {
    may: [...people, 'cli', 'system'],
    input: () => ({ limit: 200 }),
    shows: 'approval',
  },
  'approvals.counts': { may: [...people, 'cli', 'system'] },
  'approvals.get': {
    may: [...people, 'cli', 'system'],
    on: 'approval',
    input: ({ id }) => ({ id }),
    shows: 'approval',
  },
  // The command line holds the permission, but is no person: sealed arguments and votes are people's.
  'approvals.open': { may: ['reviewer'], on: 'approval', input: ({ id }) => ({ id }) },
  'approvals.reveal': {
    may: ['reviewer'],
    on: 'approval',
    input: ({ id }) => ({ id, index: 0 }),
  },
  'approvals.vote': {
    may: ['reviewer'],
    on: 'approval',
    input: ({ id }) => ({ id, verdict: 'approve', reason: 'seen', digest: 'sha-256:matrix' }),
  },
  'approvals.ask': {
    may: ['reviewer'],
    on: 'approval',
    input: ({ id }) => ({ id, text: 'Why?' }),
  },
  'alerts.list': {
    may: readers,
    input: () => ({ limit: 200 }),
    shows: 'alert',
  },
  'alerts.get': {
    may: readers,
    on: 'alert',
    input: ({ id }) => ({ id }),
    shows: 'alert',
  },
  'alerts.deepFinding': {
    may: readers,
    on: 'event',
    input: ({ id }) => ({ eventId: id }),
  },
  'actions.edit': {
    may: ['reviewer'],
    on: 'approval',
    input: ({ id }) => ({
      id,
      digest: 'sha-256:matrix',
      args: '{}',
      reason: 'seen',
      password: 'correct horse battery',
    }),
  },
  'actions.list': {
    may: [...people, 'cli', 'system'],
    input: () => ({ limit: 200 }),
    shows: 'action',
  },
  'actions.ofTrace': {
    may: [...people, 'cli', 'system'],
    input: () => ({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }),
  },
  'actions.counts': {
    may: [...people, 'cli', 'system'],
    input: () => ({
      from: '2026-11-22T00:00:00.000Z',
      until: '2026-11-23T00:00:00.000Z',
      stepMinutes: 60,
    }),
  },
  'actions.permitCounts': {
    may: [...people, 'cli', 'system'],
    input: () => ({
      from: '2026-11-22T00:00:00.000Z',
      until: '2026-11-23T00:00:00.000Z',
      stepMinutes: 60,
    }),
  },
  'actions.coverage': { may: readers, input: () => ({}) },
  'actions.chain': {
    may: [...people, 'cli', 'system'],
    input: () => ({ traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }),
  },
  'alerts.actions': {
    may: readers,
    on: 'alert',
    input: ({ id }) => ({ id }),
  },
  'alerts.counts': { may: readers },
  'alerts.histogram': {
    may: readers,
    input: () => ({
      from: '2026-11-22T00:00:00.000Z',
      until: '2026-11-23T00:00:00.000Z',
      stepMinutes: 60,
    }),
  },
  'alerts.acknowledge': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ ids: [id] }),
  },
  'alerts.groups': { may: readers, input: () => ({ by: 'rule' }) },
  'alerts.matrix': { may: readers, input: () => ({}) },
  'alerts.assignees': { may: ['analyst', 'responder', 'cli'] },
  'alerts.resolve': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ ids: [id], verdict: 'benign' }),
  },
  'alerts.snooze': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ ids: [id], until: new Date(Date.now() + 3_600_000).toISOString() }),
  },
  'alerts.archive': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ ids: [id] }),
  },
  'alerts.return': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ ids: [id] }),
  },
  'alerts.assign': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ ids: [id], assigneeId: null }),
  },
  'alerts.comment': {
    may: ['analyst', 'responder', 'cli'],
    on: 'alert',
    input: ({ id }) => ({ id, text: 'seen' }),
  },
  'alerts.undo': {
    may: ['analyst', 'responder', 'cli'],
    on: 'triage',
    input: ({ id }) => ({ batch: id }),
  },
  'rules.list': { may: [...people, 'cli', 'system'], shows: 'rule' },
  'rules.get': {
    may: [...people, 'cli', 'system'],
    on: 'rule',
    input: ({ id }) => ({ id }),
    shows: 'rule',
  },
  'rules.enable': { may: ['admin', 'cli'], on: 'rule', input: ({ id }) => ({ id }) },
  'rules.disable': { may: ['admin', 'cli'], on: 'rule', input: ({ id }) => ({ id }) },
  'rules.vocabulary': { may: [...people, 'cli', 'system'] },
  'rules.check': { may: ['analyst', 'admin', 'cli'], input: () => ({ source: 'title: x' }) },
  'rules.create': {
    may: ['analyst', 'admin', 'cli'],
    input: ({ fresh }) => ({ source: ruleSource(fresh) }),
  },
  'rules.propose': {
    may: ['analyst', 'admin', 'cli'],
    on: 'proposal',
    input: ({ id }) => ({ id, source: ruleSource(proposalName(id)), basedOn: null }),
  },
  'rules.discard': {
    may: ['analyst', 'admin', 'cli'],
    on: 'proposal',
    input: ({ id }) => ({ id, version: 2 }),
  },
  'rules.shadow': {
    may: ['analyst', 'admin', 'cli'],
    on: 'proposal',
    input: ({ id }) => ({ id, version: 2, isOn: true }),
  },
  'rules.approve': {
    may: ['admin', 'cli'],
    on: 'proposal',
    input: ({ id }) => ({ id, version: 2 }),
  },
  'rules.exportPack': {
    may: [...people, 'cli', 'system'],
    input: () => ({ isWithShipped: true }),
  },
  'rules.importPack': {
    may: ['analyst', 'admin', 'cli'],
    input: ({ fresh }) => ({ text: ruleSource(fresh) }),
  },
  'rules.shadowReport': {
    may: [...people, 'cli', 'system'],
    on: 'proposal',
    input: ({ id }) => ({ id }),
  },
  'backtests.list': {
    may: [...people, 'cli', 'system'],
    input: () => ({ ruleId: null }),
    shows: 'backtest',
  },
  'backtests.get': {
    may: [...people, 'cli', 'system'],
    on: 'backtest',
    input: ({ id }) => ({ id }),
  },
  'backtests.start': {
    may: ['analyst', 'admin', 'cli'],
    on: 'rule',
    input: ({ id }) => ({ ruleId: id, source: ruleSource('matrix'), days: 1 }),
  },
  'backtests.cancel': {
    may: ['analyst', 'admin', 'cli'],
    on: 'backtest',
    input: ({ id }) => ({ id }),
  },
  'stops.list': { may: readers, input: () => ({ limit: 200 }), shows: 'stop' },
  'stops.get': { may: readers, on: 'stop', input: ({ id }) => ({ id }), shows: 'stop' },
  'stops.standing': { may: readers, shows: 'stop' },
  'stops.preview': { may: readers, input: () => ({ scope: { kind: 'tenant' } }) },
  'drills.list': { may: readers, shows: 'drill' },
  'drills.get': { may: readers, on: 'drill', input: ({ id }) => ({ id }), shows: 'drill' },
  'drills.plan': { may: readers },
  'drills.agents': { may: readers, shows: 'drillAgent' },
  'drills.credentials': {
    may: ['responder', 'admin', 'cli', 'system'],
    on: 'drillAgent',
    input: ({ id }) => ({ agentId: id }),
    isEmptyWhenAbsent: true,
  },
  'drills.setPlan': {
    may: ['admin', 'cli'],
    on: 'drillAgent',
    input: ({ id }) => ({ agentId: id, intervalDays: 30 }),
  },
  'drills.start': {
    may: ['responder', 'admin', 'cli', 'system'],
    on: 'drillAgent',
    input: ({ id }) => ({ agentId: id, isHandsOn: true }),
  },
  'stops.family': {
    may: readers,
    on: 'agent',
    input: ({ id }) => ({ agent: id }),
  },
  'stops.place': {
    may: ['analyst', 'reviewer', 'responder', 'admin', 'service key', 'cli', 'system'],
    input: ({ fresh }) => ({ scope: { kind: 'tool', id: fresh }, reason: 'matrix' }),
  },
  'stops.lift': {
    may: ['responder', 'admin', 'cli'],
    on: 'stop',
    input: ({ id }) => ({ id, reason: 'matrix' }),
  },
  'stops.resumeAgent': {
    may: ['responder', 'admin'],
    on: 'heldTree',
    input: ({ id }) => ({ id, agentId: id.replace('stp_', 'agt_'), reason: 'matrix' }),
  },
  'stops.holdAgain': {
    may: ['analyst', 'reviewer', 'responder', 'admin', 'service key', 'cli', 'system'],
    on: 'heldTree',
    input: ({ id }) => ({ id, agentId: id.replace('stp_', 'agt_'), reason: 'matrix' }),
  },
  'stops.check': {
    may: ['analyst', 'reviewer', 'responder', 'admin', 'service key', 'cli', 'system'],
    on: 'stop',
    input: ({ id }) => ({ id, point: 'cause_known', isDone: true }),
  },
  'stops.note': {
    may: ['analyst', 'reviewer', 'responder', 'admin', 'service key', 'cli', 'system'],
    on: 'stop',
    input: ({ id }) => ({ id, text: 'matrix' }),
  },
  'stops.enforcement': { may: readers, input: () => ({ agentIds: [] }) },
  'containments.get': {
    may: readers,
    on: 'containment',
    input: ({ id }) => ({ id }),
    shows: 'containment',
  },
  'containments.find': { may: readers, input: ({ fresh }) => ({ agent: fresh }) },
  'containments.preview': {
    may: readers,
    on: 'agent',
    input: ({ id }) => ({ agent: id }),
  },
  'containments.begin': {
    may: ['responder', 'admin', 'cli', 'system'],
    on: 'agent',
    input: ({ id }) => ({ agent: id, reason: 'matrix' }),
  },
  'containments.confirm': {
    may: ['responder', 'admin', 'cli'],
    on: 'containment',
    input: ({ id }) => ({ id }),
  },
  'containments.release': {
    may: ['responder', 'admin', 'cli'],
    on: 'containment',
    input: ({ id }) => ({ id, reason: 'matrix' }),
  },
  'responses.ofAlert': { may: readers, input: () => ({ alertId: 'none' }) },
  'responses.undo': {
    may: ['responder', 'admin', 'cli'],
    on: 'response',
    input: ({ id }) => ({ id }),
  },
  'traces.list': { may: readers, input: () => ({ limit: 200 }), shows: 'trace' },
  'traces.get': {
    may: readers,
    on: 'trace',
    input: ({ id }) => ({ traceId: id }),
    shows: 'trace',
  },
  'traces.events': {
    may: readers,
    on: 'trace',
    isEmptyWhenAbsent: true,
    input: ({ id }) => ({ traceId: id }),
    shows: 'trace',
  },
  'traces.facts': {
    may: bodyReaders,
    on: 'trace',
    isEmptyWhenAbsent: true,
    input: ({ id }) => ({ traceId: id }),
  },
  'traces.event': {
    may: readers,
    on: 'event',
    input: ({ id }) => ({ eventId: id }),
    shows: 'event',
  },
  'activity.counts': {
    may: readers,
    input: () => ({
      from: '2026-01-01T00:00:00Z',
      until: '2026-01-02T00:00:00Z',
      stepMinutes: 60,
    }),
  },
  'activity.stream': { may: readers },
  'activity.agents': { may: readers, input: () => ({ from: '2026-01-01T00:00:00Z' }) },
  'telemetry.ingest': {
    may: ['agent key', 'ingest key', 'cli'],
    input: ({ fresh }) => ({ events: [telemetryEvent(fresh)] }),
  },
  'audit.get': {
    may: ['responder', 'auditor', 'admin', 'cli'],
    on: 'auditRow',
    input: ({ id }) => ({ id }),
    shows: 'auditRow',
  },
  'live.changes': {
    may: readers,
    input: ({ tenantSlug }) => ({ tenant: tenantSlug }),
  },
};

const toolFacts = {
  description: '',
  reversibility: 1,
  sensitivity: 1,
  blastRadius: 1,
  effectClass: 'read',
  loadBearingFields: null,
  argumentSchema: null,
  isGoverned: false,
};

/** A minimal event of the one agent whose key the matrix holds. */
const telemetryEvent = (id: string) => ({
  id,
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  agent: 'matrix-agent',
  kind: 'lifecycle',
  startedAt: '2026-11-22T08:00:00.000Z',
});

export type RouteRow =
  /** Answers everyone the same; tells nothing of any tenant. */
  | { readonly for: 'everyone' }
  /** Has its own token; without it nothing is there. */
  | { readonly for: 'token' }
  /** Known by what they sign: no key and no sign-in of ours is anybody there. */
  | {
      readonly for: 'transmitters';
      /** Another tenant's. */
      readonly path: (foreignIds: Readonly<Partial<Record<TargetNoun, string>>>) => string;
    }
  /** Every procedure has its own line above. */
  | { readonly for: 'procedures' }
  /** People of the tenant with their sign-in; keys are nobody there. Each ask has its own right. */
  | {
      readonly for: 'people';
      readonly asks: readonly {
        readonly may: readonly Principal[];
        /** Whatever is named by an id is another tenant's. */
        readonly path: (
          tenantSlug: string,
          foreignIds: Readonly<Partial<Record<TargetNoun, string>>>,
        ) => string;
        /** It names such a thing, so that whoever may is told that there is none. */
        readonly isOfOne?: true;
      }[];
    }
  | {
      readonly for: 'keys';
      readonly may: readonly Extract<Principal, `${string} key`>[];
      /** The path with its parameters filled: another tenant's, so an answer would be a leak. */
      readonly path?: (foreignIds: Readonly<Partial<Record<TargetNoun, string>>>) => string;
      readonly contentType?: string;
      readonly headers?: Readonly<Record<string, string>>;
      readonly body?: (foreignIds: Readonly<Partial<Record<TargetNoun, string>>>) => string;
      /** Goes on after its first words: only those are looked at. */
      readonly isStream?: true;
    };

/** Every HTTP route of the machine plane, `METHOD /path` as Fastify has it. */
export const routeTable: Readonly<Record<string, RouteRow>> = {
  'GET /healthz': { for: 'everyone' },
  'GET /readyz': { for: 'everyone' },
  'GET /api/v1/openapi.json': { for: 'everyone' },
  'GET /.well-known/jwks.json': { for: 'everyone' },
  'GET /.well-known/ssf-configuration': { for: 'everyone' },
  'GET /metrics': { for: 'token' },
  'POST /api/v1/security-events/:id': {
    for: 'transmitters',
    path: ({ transmitter }) => `/api/v1/security-events/${transmitter}`,
  },
  '* /api/trpc/:path': { for: 'procedures' },
  'GET /api/v1/exports/:list': {
    for: 'people',
    asks: [
      { may: people, path: (tenant) => `/api/v1/exports/alerts?tenant=${tenant}&format=csv` },
      { may: people, path: (tenant) => `/api/v1/exports/traces?tenant=${tenant}&format=jsonl` },
      {
        may: ['auditor', 'admin'],
        path: (tenant) => `/api/v1/exports/audit?tenant=${tenant}&format=jsonl`,
      },
    ],
  },
  'GET /api/v1/containments/:id/evidence': {
    for: 'people',
    asks: [
      {
        may: ['responder', 'auditor'],
        path: (tenant, { containment }) =>
          `/api/v1/containments/${containment}/evidence?tenant=${tenant}`,
        isOfOne: true,
      },
    ],
  },
  'GET /api/v1/agents': { for: 'keys', may: ['service key'] },
  'GET /api/v1/alerts': { for: 'keys', may: ['service key'] },
  'GET /api/v1/traces/:traceId': {
    for: 'keys',
    may: ['service key'],
    path: ({ trace }) => `/api/v1/traces/${trace}`,
  },
  'POST /api/v1/actions': {
    for: 'keys',
    may: ['agent key'],
    body: () => JSON.stringify({ tool: 'matrix_tool', args: {} }),
    headers: { 'idempotency-key': 'matrix' },
  },
  'GET /api/v1/actions/:id': {
    for: 'keys',
    may: ['agent key'],
    path: ({ action }) => `/api/v1/actions/${action}`,
  },
  'DELETE /api/v1/actions/:id': {
    for: 'keys',
    may: ['agent key'],
    path: ({ action }) => `/api/v1/actions/${action}`,
  },
  'POST /api/v1/actions/:id/answer': {
    for: 'keys',
    may: ['agent key'],
    path: ({ action }) => `/api/v1/actions/${action}/answer`,
    body: () => JSON.stringify({ questionId: 'qst_x', text: 'because' }),
  },
  'POST /api/v1/actions/:id/false-block': {
    for: 'keys',
    may: ['agent key'],
    path: ({ action }) => `/api/v1/actions/${action}/false-block`,
    body: () => JSON.stringify({ reason: 'it was harmless' }),
  },
  'POST /api/v1/actions/:id/outcome': {
    for: 'keys',
    may: ['agent key', 'enforcer key'],
    path: ({ action }) => `/api/v1/actions/${action}/outcome`,
    body: () => JSON.stringify({ status: 'succeeded' }),
  },
  'POST /api/v1/permits/redeem': {
    for: 'keys',
    may: ['agent key', 'enforcer key'],
    body: () => JSON.stringify({ permit: 'none', args: {} }),
  },
  'POST /api/v1/events': {
    for: 'keys',
    may: ['agent key', 'ingest key'],
    body: () => JSON.stringify({ events: [telemetryEvent('route')] }),
  },
  'GET /api/v1/control': {
    for: 'keys',
    may: ['agent key'],
    path: () => '/api/v1/control?instanceId=matrix',
    isStream: true,
  },
  'POST /api/v1/control/ack': {
    for: 'keys',
    may: ['agent key'],
    body: ({ stop }) =>
      JSON.stringify({ stopId: stop, instanceId: 'matrix', state: 'acknowledged' }),
  },
  'POST /api/v1/heartbeat': {
    for: 'keys',
    may: ['agent key'],
    body: () => JSON.stringify({ instanceId: 'matrix' }),
  },
  'POST /api/v1/stops': {
    for: 'keys',
    may: ['service key'],
    body: () => JSON.stringify({ scope: { kind: 'session', id: 'matrix' }, reason: 'matrix' }),
  },
  'GET /api/v1/stops/:id': {
    for: 'keys',
    may: ['service key'],
    path: ({ stop }) => `/api/v1/stops/${stop}`,
  },
  'POST /api/v1/leases': {
    for: 'keys',
    may: ['agent key'],
    body: () => JSON.stringify({ tool: 'matrix_tool', scopes: ['read'] }),
  },
  'DELETE /api/v1/leases/:id': {
    for: 'keys',
    may: ['agent key'],
    path: ({ lease }) => `/api/v1/leases/${lease}`,
  },
  'POST /oauth/introspect': {
    for: 'keys',
    may: ['agent key', 'enforcer key'],
    contentType: 'application/x-www-form-urlencoded',
    body: () => 'token=none',
  },
  'POST /oauth/revoke': {
    for: 'keys',
    may: ['agent key'],
    contentType: 'application/x-www-form-urlencoded',
    body: () => 'token=none',
  },
  'POST /api/v1/guard/scan': {
    for: 'keys',
    may: ['agent key', 'enforcer key', 'service key'],
    body: () => JSON.stringify({ items: [{ kind: 'user_input', text: 'hello' }] }),
  },
  'POST /api/otlp/v1/traces': { for: 'keys', may: ['agent key', 'ingest key'], body: () => '{}' },
  'POST /api/otlp/v1/logs': { for: 'keys', may: ['agent key', 'ingest key'], body: () => '{}' },
  'POST /api/otlp/v1/metrics': { for: 'keys', may: ['agent key', 'ingest key'], body: () => '{}' },
};
