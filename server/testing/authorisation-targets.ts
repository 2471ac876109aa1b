import { randomBytes } from 'node:crypto';
import { findCredentials } from '#server/approvals/request-approval.ts';
import { sealArguments } from '#server/approvals/seal-arguments.ts';
import { schemaDigest } from '#server/permits/digest.ts';
import { idOf, newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import type { TestBed } from './database.ts';
import { makeEvent } from './event-factory.ts';
import { makeAgent, makePerson } from './factories.ts';
import { makeHoldTools } from './hold-tools.ts';

/** What a call of the authorisation matrix is aimed at. */
export interface Target {
  /** Of the thing, where the row names one; else a word of no meaning. */
  readonly id: string;
  /** A new lower-case name, for what is created. */
  readonly fresh: string;
  readonly tenantSlug: string;
}

interface Made {
  readonly id: string;
  readonly remove: () => Promise<unknown>;
}
/** Puts a thing into a tenant whose readable parts contain `marker`. */
type Maker = (bed: TestBed, tenantId: TenantId, marker: string) => Promise<Made>;

/** A rule of this name that could be approved. */
export const matrixRuleSource = (name: string) => `title: ${name}
name: ${name}
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: matrix_tool }
  condition: selection
level: low
signalbox:
  tests:
    hits:
      - [{ gen_ai.tool.name: matrix_tool }]
      - [{ gen_ai.tool.name: matrix_tool, session.id: other }]
      - [{ gen_ai.tool.name: other }, { gen_ai.tool.name: matrix_tool }]
    misses:
      - [{ gen_ai.tool.name: other }]
      - [{ gen_ai.tool.name: matrix_tools }]
      - [{ event.kind: error }]
`;

/** Name of the rule that a `proposal` is of. */
export const proposalName = (id: string) => `matrix-${id.slice(-12)}`;

const explanation = {
  ruleKey: 'matrix',
  description: '',
  falsePositives: [],
  group: [],
  windowStart: 0,
  generation: 0,
  traces: [],
  lateEventIds: [],
};

/** A trace of one event, derived row included. */
async function makeTrace(bed: TestBed, tenantId: TenantId, marker: string) {
  const agent = await makeAgent(bed, tenantId, `agent-${randomBytes(6).toString('hex')}`);
  const made = makeEvent(agent, { name: marker });
  const { id: eventId, traceId } = made.event;
  await createGroupCommit(bed.app.$client).store(tenantId, [made]);
  await bed.admin`insert into traces (tenant_id, id, title, agent_ids, agent_slugs, started_at,
      ended_at, first_received_at, last_received_at, events, tool_calls, errors, findings, tools,
      has_untrusted, xid, seq)
    values (${uuidOf(tenantId)}, ${traceId}, ${marker}, '[]', '{}', now(), now(), now(), now(),
      1, 1, 0, 0, '{}', false, pg_current_xact_id(), 1)`;
  const remove = async () => {
    await bed.admin`delete from event_bodies b using events e
      where e.trace_id = ${traceId} and b.tenant_id = e.tenant_id and b.seq = e.seq`;
    await bed.admin`delete from event_ids where id = ${eventId}`;
    await bed.admin`delete from events where trace_id = ${traceId}`;
    await bed.admin`delete from traces where id = ${traceId}`;
  };
  return { eventId, traceId, remove };
}

/** Grades and measures of a tool that does no harm. */
const riskInputOf = (name: string) => ({
  tool: {
    name,
    isKnown: true,
    reversibility: 0,
    sensitivity: 0,
    blastRadius: 0,
    effectClass: 'read',
  },
  measures: { recipients: null, rows: null, amountMagnitude: null, isComplete: true },
  hasUntrustedUpstream: false,
  isFirstUse: false,
  openAlerts: 0,
  environment: 'production',
});

/** A held action of a tool named by the marker, whose sealed arguments have a credential. */
async function makeHeldAction(bed: TestBed, tenantId: TenantId, marker: string) {
  // Behind all others by name, so that they do not push the looked-for agent off its page.
  const agent = await makeAgent(bed, tenantId, `zz-${randomBytes(6).toString('hex')}`);
  const [actionId, approvalId] = [newId('action'), newId('approval')];
  await bed.admin`insert into actions (tenant_id, id, agent_id, agent_slug, environment, key_id,
      idempotency_key, request_digest, tool, schema_digest, digest, nonce, decision, risk_score,
      risk_band, risk_factors, risk_input, reasons, policy_version, needs, is_fresh_sign_in_needed)
    values (${uuidOf(tenantId)}, ${uuidOf(actionId)}, ${uuidOf(agent.id)}, ${agent.slug},
      'production', gen_random_uuid(), ${actionId}, '', ${marker}, ${schemaDigest(null)},
      'sha-256:matrix', ${randomBytes(16)}, 'hold', 55, 'medium', '[]',
      ${bed.admin.json(riskInputOf(marker))}, '[]', '', 1, false)`;
  // Of a tool whose lowered risk one person may decide, so that an edit needs no second one.
  await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity, blast_radius,
      effect_class) values (${uuidOf(tenantId)}, ${uuidOf(newId('tool'))}, ${marker}, 0, 0, 0, 'read')
    on conflict do nothing`;
  await bed.admin`insert into approvals (tenant_id, id, action_id, band, needs,
      is_fresh_sign_in_needed, fingerprint, expires_at, excluded)
    values (${uuidOf(tenantId)}, ${uuidOf(approvalId)}, ${uuidOf(actionId)}, 'medium', 1, false,
      '00000000', now() + interval '1 hour',
      ${bed.admin.json({ ownerUserIds: [], requesters: [], keyCreators: [] })})`;
  const text = JSON.stringify({ note: marker, password: 'kV9$hunter-2-kV9' });
  const { sealKeyOf } = await makeHoldTools();
  const sealed = sealArguments(text, sealKeyOf(tenantId), {
    tenantId,
    actionId,
    version: 0,
  });
  await bed.admin`insert into sealed_arguments (tenant_id, action_id, wrapped_key, sealed, secrets)
    values (${uuidOf(tenantId)}, ${uuidOf(actionId)}, ${sealed.wrappedKey}, ${sealed.sealed},
      ${bed.admin.json(findCredentials(text).map((place) => ({ ...place })))})`;
  const remove = async () => {
    await bed.admin`delete from sealed_arguments where action_id = ${uuidOf(actionId)}`;
    await bed.admin`delete from approvals where action_id = ${uuidOf(actionId)}`;
    await bed.admin`delete from actions where id = ${uuidOf(actionId)}`;
  };
  return { actionId, approvalId, remove };
}

/** A credential of the tool `matrix_tool`, without a secret. */
async function makeCredentialRow(bed: TestBed, tenantId: TenantId, marker: string): Promise<Made> {
  const id = newId('credential');
  // Two of one marker in a tenant are two, as the names of two are.
  const name = `${marker} ${id}`;
  await bed.admin`insert into credentials (tenant_id, id, name, tool, kind, scopes,
      lease_seconds_max, is_action_required, created_by)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${name}, 'matrix_tool', 'api_key', '{read}', 60,
      false, 'test')`;
  return { id, remove: () => bed.admin`delete from credentials where id = ${uuidOf(id)}` };
}

/** What people may change on an alert, before anybody did. */
const untouched = {
  acknowledgedBy: null,
  acknowledgedAt: null,
  resolvedBy: null,
  resolvedAt: null,
  verdict: null,
  note: null,
  snoozedUntil: null,
  escalatesAt: null,
  assigneeId: null,
};

async function makeAlert(bed: TestBed, tenantId: TenantId, marker: string): Promise<Made> {
  const ruleId = newId('rule');
  await bed.admin`insert into rules
    (tenant_id, id, slug, title, severity, state, source, origin)
    values (${uuidOf(tenantId)}, ${uuidOf(ruleId)}, ${ruleId.slice(-20)}, 'r', 'low', 'enabled',
      ${matrixRuleSource('r')}, 'custom')`;
  const id = newId('alert');
  await bed.admin`insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity,
      state, title, explanation, trace_ids, labels, first_at, last_at, count)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(ruleId)}, 1, ${marker}, 'low', 'open',
      ${marker}, ${bed.admin.json(explanation)},
      '{}', '{}', now(), now(), 1)`;
  await bed.admin`insert into alert_changes (tenant_id, incarnation, alert_id, change)
    values (${uuidOf(tenantId)}, 1, ${uuidOf(id)}, 'opened')`;
  const remove = async () => {
    await bed.admin`delete from alert_steps where alert_id = ${uuidOf(id)}`;
    await bed.admin`delete from alert_changes where alert_id = ${uuidOf(id)}`;
    await bed.admin`delete from alerts where id = ${uuidOf(id)}`;
  };
  return { id, remove };
}

async function makeChannel(bed: TestBed, tenantId: TenantId, marker: string): Promise<string> {
  const id = newId('channel');
  await bed.admin`insert into channels
    (tenant_id, id, name, kind, sealed_target, target_shown, severity_min, created_by)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${marker}, 'webhook', ${randomBytes(40)},
      'https://example.com', 'high', 'test')`;
  return id;
}

async function makeTransmitter(bed: TestBed, tenantId: TenantId, marker: string) {
  const id = newId('transmitter');
  await bed.admin`insert into transmitters (tenant_id, id, name, issuer, keys_url, created_by)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${marker}, 'https://idp.example',
      'https://idp.example/jwks', 'test')`;
  return id;
}

/** How each kind of thing comes to be, straight into the tables. A new noun needs one entry. */
export const targetMakers = {
  person: async (bed, tenantId, marker) => {
    const person = await makePerson(bed, tenantId, ['viewer']);
    const id = person.type === 'person' ? person.userId : '';
    // Lists of people go by e-mail.
    await bed.admin`update users set name = ${marker}, email = ${`${marker}@example.test`}
      where id = ${uuidOf(id)}`;
    return {
      id,
      remove: () => bed.admin`delete from memberships where user_id = ${uuidOf(id)}`,
    };
  },
  signIn: async (bed, tenantId, marker) => {
    const person = await makePerson(bed, tenantId, ['viewer']);
    const userId = person.type === 'person' ? person.userId : '';
    return makeSignIn(bed, userId, marker);
  },
  agent: async (bed, tenantId, marker) => {
    const { id } = await makeAgent(bed, tenantId, marker);
    return { id, remove: () => bed.admin`delete from agents where id = ${uuidOf(id)}` };
  },
  // Named to come last: the list of agents shows its first page, and has to show agents proper.
  drillAgent: async (bed, tenantId, marker) => {
    const { id } = await makeAgent(bed, tenantId, `zz-${marker}`);
    await bed.admin`update agents set is_drill = true where id = ${uuidOf(id)}`;
    await bed.admin`insert into agent_instances
      (tenant_id, agent_id, instance_id, first_seen_at, last_seen_at)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, 'pod-1', now(), now())`;
    const remove = async () => {
      await bed.admin`delete from agent_instances where agent_id = ${uuidOf(id)}`;
      await bed.admin`delete from drill_plans where agent_id = ${uuidOf(id)}`;
      await bed.admin`delete from drills where agent_id = ${uuidOf(id)}`;
      await bed.admin`delete from agents where id = ${uuidOf(id)}`;
    };
    return { id, remove };
  },
  drill: async (bed, tenantId, marker) => {
    const agent = await makeAgent(bed, tenantId, `zy-${marker}`);
    const id = newId('drill');
    await bed.admin`insert into drills (tenant_id, id, agent_id, trigger, is_hands_on, started_by)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(agent.id)}, 'person', true, 'test')`;
    return { id, remove: () => bed.admin`delete from drills where id = ${uuidOf(id)}` };
  },
  key: async (bed, tenantId, marker) => {
    const id = newId('key');
    await bed.admin`insert into api_keys
      (tenant_id, id, kind, name, prefix, secret_hash, created_by)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, 'service', ${marker}, 'sbk_service_x',
        ${randomBytes(32)}, 'test')`;
    return { id, remove: () => bed.admin`delete from api_keys where id = ${uuidOf(id)}` };
  },
  tool: async (bed, tenantId, marker) => {
    const id = newId('tool');
    await bed.admin`insert into tools
      (tenant_id, id, name, reversibility, sensitivity, blast_radius, effect_class)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${marker}, 1, 1, 1, 'read')`;
    return { id, remove: () => bed.admin`delete from tools where id = ${uuidOf(id)}` };
  },
  canary: async (bed, tenantId, marker) => {
    const id = newId('canary');
    await bed.admin`insert into canaries (tenant_id, id, name, marker, homes, created_by)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${marker}, ${`planted ${marker}`}, '{}', 'test')`;
    return { id, remove: () => bed.admin`delete from canaries where id = ${uuidOf(id)}` };
  },
  channel: async (bed, tenantId, marker) => {
    const id = await makeChannel(bed, tenantId, marker);
    const remove = async () => {
      await bed.admin`delete from deliveries where channel_id = ${uuidOf(id)}`;
      await bed.admin`delete from channels where id = ${uuidOf(id)}`;
    };
    return { id, remove };
  },
  delivery: async (bed, tenantId, marker) => {
    const channelId = await makeChannel(bed, tenantId, marker);
    const id = newId('delivery');
    await bed.admin`insert into deliveries (tenant_id, id, channel_id, state, last_answer)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(channelId)}, 'dead', ${marker})`;
    return { id, remove: () => bed.admin`delete from deliveries where id = ${uuidOf(id)}` };
  },
  transmitter: async (bed, tenantId, marker) => {
    const id = await makeTransmitter(bed, tenantId, marker);
    return { id, remove: () => bed.admin`delete from transmitters where id = ${uuidOf(id)}` };
  },
  receivedEvent: async (bed, tenantId, marker) => {
    const transmitterId = await makeTransmitter(bed, tenantId, marker);
    const id = newId('receivedEvent');
    await bed.admin`insert into received_events (tenant_id, id, transmitter_id, jti, issued_at, type,
        subject, outcome, says)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(transmitterId)}, ${id}, now(), 'urn:x',
        ${marker}, 'nothing', 'test')`;
    return { id, remove: () => bed.admin`delete from received_events where id = ${uuidOf(id)}` };
  },
  stop: async (bed, tenantId, marker) => {
    const id = newId('stop');
    await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, level, reason,
        state, epoch, placed_by_type, placed_by_id, placed_by_label)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, 'session', ${marker}, ${marker}, 1, ${marker},
        'active', 1, 'system', 'test', 'test')`;
    const remove = async () => {
      await bed.admin`delete from stop_lifts where stop_id = ${uuidOf(id)}`;
      await bed.admin`delete from stop_checks where stop_id = ${uuidOf(id)}`;
      await bed.admin`delete from stops where id = ${uuidOf(id)}`;
    };
    return { id, remove };
  },
  // Its root is the agent with the uuid of the stop.
  heldTree: async (bed, tenantId, marker) => {
    const id = newId('stop');
    const uuid = uuidOf(id);
    const tenant = uuidOf(tenantId);
    await bed.admin`insert into agents (tenant_id, id, slug) values (${tenant}, ${uuid}, ${uuid})`;
    await bed.admin`insert into stops (tenant_id, id, scope_kind, scope_id, scope_label, tree_root_id,
        level, reason, state, epoch, placed_by_type, placed_by_id, placed_by_label)
      values (${tenant}, ${uuid}, 'tree', ${idOf('agent', uuid)}, ${marker}, ${uuid}, 1, ${marker},
        'active', 1, 'system', 'test', 'test')`;
    const remove = async () => {
      await bed.admin`delete from stop_lifts where stop_id = ${uuid}`;
      await bed.admin`delete from stop_resumptions where stop_id = ${uuid}`;
      await bed.admin`delete from stops where id = ${uuid}`;
      await bed.admin`delete from agents where id = ${uuid}`;
    };
    return { id, remove };
  },
  rule: async (bed, tenantId, marker) => {
    const id = newId('rule');
    await bed.admin`insert into rules
      (tenant_id, id, slug, title, severity, state, source, origin)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${marker}, ${marker}, 'low', 'disabled',
        ${matrixRuleSource(marker)}, 'custom')`;
    return { id, remove: () => bed.admin`delete from rules where id = ${uuidOf(id)}` };
  },
  proposal: async (bed, tenantId, marker) => {
    const id = newId('rule');
    const slug = proposalName(id);
    const source = matrixRuleSource(slug);
    await bed.admin`insert into rules
      (tenant_id, id, slug, title, severity, state, source, origin, last_version)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${slug}, ${marker}, 'low', 'disabled', ${source},
        'custom', 2)`;
    await bed.admin`insert into rule_proposals
      (tenant_id, rule_id, version, source, state, author_id, author_label)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, 2, ${source}, 'draft', 'somebody', ${marker})`;
    const remove = async () => {
      await bed.admin`delete from rule_proposals where rule_id = ${uuidOf(id)}`;
      await bed.admin`delete from rules where id = ${uuidOf(id)}`;
    };
    return { id, remove };
  },
  backtest: async (bed, tenantId, marker) => {
    const id = newId('backtest');
    await bed.admin`insert into backtests
      (tenant_id, id, source, days, state, requested_by_label, finished_at)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${matrixRuleSource('matrix')}, 1, 'failed',
        ${marker}, now())`;
    return { id, remove: () => bed.admin`delete from backtests where id = ${uuidOf(id)}` };
  },
  alert: makeAlert,
  triage: async (bed, tenantId, marker) => {
    const alert = await makeAlert(bed, tenantId, marker);
    const id = newId('triage');
    const before = { ...untouched, state: 'open' };
    await bed.admin`insert into alert_steps
      (tenant_id, alert_id, batch, kind, actor_type, actor_id, actor_label, detail, before)
      values (${uuidOf(tenantId)}, ${uuidOf(alert.id)}, ${uuidOf(id)}, 'acknowledged', 'cli', 'test',
        ${marker}, '{}', ${bed.admin.json(before)})`;
    return { id, remove: alert.remove };
  },
  trace: async (bed, tenantId, marker) => {
    const { traceId, remove } = await makeTrace(bed, tenantId, marker);
    return { id: traceId, remove };
  },
  event: async (bed, tenantId, marker) => {
    const { eventId, remove } = await makeTrace(bed, tenantId, marker);
    return { id: eventId, remove };
  },
  action: async (bed, tenantId, marker) => {
    const { actionId, remove } = await makeHeldAction(bed, tenantId, marker);
    return { id: actionId, remove };
  },
  approval: async (bed, tenantId, marker) => {
    const { approvalId, remove } = await makeHeldAction(bed, tenantId, marker);
    return { id: approvalId, remove };
  },
  credential: async (bed, tenantId, marker) => makeCredentialRow(bed, tenantId, marker),
  lease: async (bed, tenantId, marker) => {
    const agent = await makeAgent(bed, tenantId, `zz-${randomBytes(6).toString('hex')}`);
    const credential = await makeCredentialRow(bed, tenantId, marker);
    const id = newId('lease');
    await bed.admin`insert into leases (tenant_id, id, token_hash, credential_id, agent_id, key_id,
        tool, scopes, environment, epoch, expires_at)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${randomBytes(32)}, ${uuidOf(credential.id)},
        ${uuidOf(agent.id)}, gen_random_uuid(), ${marker}, '{read}', 'production', 0,
        now() + interval '1 hour')`;
    const remove = async () => {
      await bed.admin`delete from leases where id = ${uuidOf(id)}`;
      await credential.remove();
    };
    return { id, remove };
  },
  provider: async (bed, tenantId, marker) => {
    const id = newId('provider');
    await bed.admin`insert into credential_providers (tenant_id, id, name, adapter, settings,
        created_by) values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${marker}, 'webhook',
        ${bed.admin.json({ adapter: 'webhook', url: 'https://x.example', probeUrl: null })}, 'test')`;
    return {
      id,
      remove: () => bed.admin`delete from credential_providers where id = ${uuidOf(id)}`,
    };
  },
  /** One that was given up, so that it can be tried again. */
  revocation: async (bed, tenantId, marker) => {
    const credential = await makeCredentialRow(bed, tenantId, marker);
    const id = newId('revocation');
    await bed.admin`insert into revocations (tenant_id, id, credential_id, target, state, says,
        requested_by, reason, root_id, depth, next_attempt_at, incarnation)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(credential.id)}, 'leases', 'failed',
        ${marker}, 'test', ${marker}, ${uuidOf(credential.id)}, 0, null, 1)`;
    const remove = async () => {
      await bed.admin`delete from revocations where id = ${uuidOf(id)}`;
      await credential.remove();
    };
    return { id, remove };
  },
  /** An agent's, begun by nobody who may revoke, so that it can be confirmed and released. */
  containment: async (bed, tenantId, marker) => {
    const agent = await makeAgent(bed, tenantId, `zz-${randomBytes(6).toString('hex')}`);
    const id = newId('containment');
    await bed.admin`insert into containments (tenant_id, id, agent_id, agent_label, level, reason,
        requested_by_type, requested_by, locked_at, carried_out_at)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(agent.id)}, ${agent.slug}, 4, ${marker},
        'system', 'test', now(), now())`;
    return { id, remove: () => bed.admin`delete from containments where id = ${uuidOf(id)}` };
  },
  /** Of a stop that was lifted since: there is nothing left but to note that it is undone. */
  response: async (bed, tenantId, marker) => {
    const id = newId('response');
    await bed.admin`insert into rule_responses (tenant_id, id, alert_id, rule_id, rule_version,
        rule_title, action, state, says, is_own)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, gen_random_uuid(), gen_random_uuid(), 1, ${marker},
        'stop', 'done', ${marker}, true)`;
    return { id, remove: () => bed.admin`delete from rule_responses where id = ${uuidOf(id)}` };
  },
  auditRow: async (bed, tenantId, marker) => {
    const id = newId('audit');
    await bed.admin`insert into audit_log (tenant_id, id, actor_type, actor_id, actor_label,
        action, subject_type, subject_id, request_id)
      values (${uuidOf(tenantId)}, ${uuidOf(id)}, 'cli', 'test', ${marker}, 'tool.added', 'tool',
        'x', 'r')`;
    return { id, remove: () => bed.admin`delete from audit_log where id = ${uuidOf(id)}` };
  },
} as const satisfies Record<string, Maker>;
export type TargetNoun = keyof typeof targetMakers;

/** An open sign-in of a person. */
export async function makeSignIn(bed: TestBed, userId: string, marker = 'test'): Promise<Made> {
  const id = newId('signIn');
  await bed.admin`insert into sign_ins (id, user_id, expires_at, address, user_agent)
    values (${uuidOf(id)}, ${uuidOf(userId)}, now() + interval '1 hour', '192.0.2.1', ${marker})`;
  return { id, remove: () => bed.admin`delete from sign_ins where id = ${uuidOf(id)}` };
}

/**
 * Everything that a tenant's tables hold, as one text: a call that may not touch the tenant leaves
 * it as it was.
 */
export async function fingerprintTenant(bed: TestBed, tenantId: TenantId): Promise<string> {
  const tables = await bed.admin<{ name: string }[]>`
    select c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id'
    where n.nspname = 'public' and c.relkind in ('r', 'p') and not c.relispartition order by 1`;
  const contents = tables.map(
    ({ name }) => `select '${name}: ' || coalesce(string_agg(t::text, e'\\n' order by t::text), '')
      as part from ${name} t where tenant_id = $1`,
  );
  // One statement, kept prepared: the matrix asks some hundred times.
  const parts = await bed.admin.unsafe<{ part: string }[]>(
    contents.join(' union all '),
    [uuidOf(tenantId)],
    { prepare: true },
  );
  const people = await bed.admin<{ content: string | null }[]>`
    select string_agg(u::text || coalesce(s::text, ''), e'\\n' order by u.id, s.id) as content
    from users u join memberships m on m.user_id = u.id left join sign_ins s on s.user_id = u.id
    where m.tenant_id = ${uuidOf(tenantId)}`;
  return [...parts.map(({ part }) => part), `people: ${people[0]?.content ?? ''}`].join('\n');
}
