/**
 * Who may do what to which table: the one list. `migrate` applies it after every migration, and a
 * table that is missing here fails the architecture test. Partitions get no grants at all, because
 * row-level security of a parent does not protect a partition that is read directly.
 */
export const loginRoles = {
  owner: 'signalbox_owner',
  app: 'signalbox_app',
  worker: 'signalbox_worker',
  eraser: 'signalbox_eraser',
} as const;

type Privilege = 'select' | 'insert' | 'update' | 'delete';
interface TableGrant {
  readonly app: readonly Privilege[];
  readonly worker: readonly Privilege[];
  /** Columns that both may select, where not all. */
  readonly columns?: readonly string[];
}

const append: TableGrant = { app: ['select', 'insert'], worker: ['select', 'insert'] };
const derived: TableGrant = { app: ['select'], worker: ['select', 'insert', 'update', 'delete'] };
const settings: TableGrant = { app: ['select', 'insert', 'update'], worker: ['select'] };
const both: TableGrant = {
  app: ['select', 'insert', 'update'],
  worker: ['select', 'insert', 'update'],
};
const beats: TableGrant = { ...both, app: ['select', 'insert', 'update', 'delete'] };
const lookUpOnly: TableGrant = { app: [], worker: [] };

export const tableGrants: Readonly<Record<string, TableGrant>> = {
  tenants: { app: ['select'], worker: ['select'] },
  users: {
    app: [],
    worker: [],
    columns: ['id', 'email', 'name', 'disabled_at', 'created_at'],
  },
  memberships: { app: ['select', 'insert', 'update', 'delete'], worker: ['select'] },
  sign_ins: lookUpOnly,
  sign_in_failures: lookUpOnly,
  api_key_index: lookUpOnly,
  transmitter_index: lookUpOnly,
  processes: {
    app: ['select', 'insert', 'update', 'delete'],
    worker: ['select', 'insert', 'update', 'delete'],
  },
  // Registered by a function, exchanged by the owner.
  master_keys: { app: ['select'], worker: ['select'] },
  log_incarnation: { app: ['select'], worker: ['select'] },
  api_keys: settings,
  audit_log: append,
  // Telemetry that names an agent first registers it; a worker locks one that it finishes to contain.
  agents: both,
  agent_instances: derived,
  tools: { app: ['select', 'insert', 'update', 'delete'], worker: ['select'] },
  event_ids: append,
  events: append,
  event_bodies: append,
  tail_cursors: derived,
  traces: derived,
  event_context: derived,
  event_counts: derived,
  event_search: derived,
  canaries: settings,
  rules: settings,
  rule_proposals: { app: ['select', 'insert', 'update', 'delete'], worker: ['select'] },
  rule_versions: append,
  shadow_matches: { app: ['select'], worker: ['select', 'insert', 'update'] },
  backtests: { app: ['select', 'insert', 'update'], worker: ['select', 'update'] },
  detector_state: derived,
  alerts: { app: ['select', 'update'], worker: ['select', 'insert', 'update'] },
  alert_evidence: { app: ['select'], worker: ['select', 'insert'] },
  alert_steps: append,
  alert_changes: append,
  channels: { app: ['select', 'insert', 'update'], worker: ['select', 'update'] },
  deliveries: { app: ['select', 'insert', 'update'], worker: ['select', 'insert', 'update'] },
  transmitters: settings,
  received_events: { app: ['select', 'insert'], worker: ['select'] },
  // Any process may finish a drain that another one began.
  stop_epochs: both,
  stops: both,
  stop_lifts: append,
  stop_checks: append,
  // A worker ends one whose agent alarms.
  stop_resumptions: both,
  // Nobody can take an agent out of a tree.
  spawns: append,
  agent_ancestors: append,
  control_changes: append,
  drills: both,
  drill_plans: settings,
  instance_beats: beats,
  stop_receipts: beats,
  actions: settings,
  action_edits: append,
  outcomes: append,
  false_blocks: append,
  governed_calls: derived,
  permits: settings,
  approvals: settings,
  votes: append,
  questions: settings,
  sealed_arguments: append,
  data_keys: { app: ['select', 'insert'], worker: ['select'] },
  credential_providers: { app: ['select', 'insert'], worker: ['select'] },
  credentials: both,
  credential_holders: { app: ['select', 'insert', 'delete'], worker: ['select'] },
  // What is sealed is never shown again: the web's login cannot even read it.
  sealed_secrets: { app: ['insert'], worker: ['select'] },
  credential_marks: append,
  // A lease's token is seen at a door, the rest by the detector.
  credential_sightings: both,
  leases: both,
  revocations: both,
  revocation_steps: append,
  // What a process began and did not finish, a worker finishes.
  containments: both,
  containment_credentials: append,
  // Ordered with the alert, by the detector.
  rule_responses: { app: ['select', 'update'], worker: ['select', 'insert', 'update'] },
};

/** Functions that run as the owner, and who may call them. */
export const functionGrants: Readonly<Record<string, readonly ('app' | 'worker')[]>> = {
  'ensure_event_partitions(integer)': ['app', 'worker'],
  'search_events(tsquery, date, integer, integer)': ['app', 'worker'],
  'register_master_key(text)': ['app', 'worker'],
  'demo_tenant_exists()': ['app'],
  'all_tenant_ids()': ['app', 'worker'],
  // Before a tenant is known: sign-in and keys (db/migrations/0002_auth.sql).
  'auth_find_user(text, text)': ['app'],
  'auth_create_user(uuid, text, text, text)': ['app'],
  'auth_find_password(uuid)': ['app'],
  'auth_set_password(uuid, text)': ['app'],
  'auth_memberships(uuid)': ['app'],
  'auth_open_sign_in(uuid, uuid, integer, text, text)': ['app'],
  'auth_sign_in(uuid, integer, boolean)': ['app'],
  'auth_sign_ins_of(uuid, integer)': ['app'],
  'auth_end_sign_in(uuid, uuid)': ['app'],
  'auth_end_sign_ins_of(uuid, uuid)': ['app'],
  'auth_record_failure(bytea, integer)': ['app'],
  'auth_clear_failures(bytea, integer)': ['app'],
  'auth_blocked_until(bytea[], integer, integer)': ['app'],
  'auth_find_key(bytea)': ['app'],
  'auth_find_transmitter(uuid)': ['app'],
  'erase_sealed_arguments(integer, integer)': ['worker'],
  'signalbox_migrations_applied()': ['app', 'worker'],
};

/** The SQL that makes the grants so, from nothing or from any earlier list. */
export function grantStatements(): string[] {
  const { app, worker } = loginRoles;
  const out: string[] = [];
  for (const role of [app, worker]) {
    out.push(`grant usage on schema public to ${role}`);
    out.push(`revoke all on all tables in schema public from ${role}`);
    out.push(`grant usage on all sequences in schema public to ${role}`);
  }
  for (const [table, grant] of Object.entries(tableGrants)) {
    if (grant.app.length > 0) out.push(`grant ${grant.app.join(', ')} on ${table} to ${app}`);
    if (grant.columns)
      out.push(`grant select (${grant.columns.join(', ')}) on ${table} to ${app}, ${worker}`);
    if (grant.worker.length > 0)
      out.push(`grant ${grant.worker.join(', ')} on ${table} to ${worker}`);
  }
  for (const [signature, callers] of Object.entries(functionGrants)) {
    out.push(`revoke all on function ${signature} from public`);
    for (const caller of callers) {
      out.push(`grant execute on function ${signature} to ${loginRoles[caller]}`);
    }
  }
  return out;
}
