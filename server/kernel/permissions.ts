import type { KeyKind, Role } from '#db/enums.ts';
import { roles } from '#db/enums.ts';

interface Permission {
  /** Roles of people that hold it. An empty list allows nobody. */
  readonly roles: readonly Role[];
  /** Kinds of machine keys that hold it. */
  readonly keys: readonly KeyKind[];
  /** Background jobs of the worker. */
  readonly system: boolean;
  readonly means: string;
}

const everyone = roles;
const allButViewer = roles.filter((role) => role !== 'viewer');

function permission(
  means: string,
  allowed: { roles?: readonly Role[]; keys?: readonly KeyKind[]; system?: boolean },
): Permission {
  return {
    means,
    roles: allowed.roles ?? [],
    keys: allowed.keys ?? [],
    system: allowed.system ?? false,
  };
}

/**
 * Who may do what: the one table that verbs, screens and documents read. The command line acts as
 * the host's administrator and holds every permission; it is audited like a person.
 */
export const permissions = {
  'telemetry.ingest': permission('post events', { keys: ['agent', 'ingest'] }),
  'telemetry.read': permission('see traces and events without payloads', {
    roles: everyone,
    keys: ['service'],
    system: true,
  }),
  'telemetry.read_bodies': permission('see the redacted payloads of events', {
    roles: allButViewer,
    keys: ['service'],
    system: true,
  }),
  'telemetry.derive': permission('keep traces, counts and search beside the log', { system: true }),
  'agents.read': permission('see agents', { roles: everyone, keys: ['service'], system: true }),
  'agents.register': permission('register an agent', {
    roles: ['admin'],
    keys: ['agent', 'ingest'],
  }),
  'spawns.record': permission('tell which agent started which', { keys: ['agent', 'ingest'] }),
  'agents.write': permission('change an agent', { roles: ['admin'] }),
  'tools.read': permission('see the tools table', { roles: everyone, system: true }),
  'tools.write': permission('change the tools table', { roles: ['admin'] }),
  'alerts.read': permission('see alerts', { roles: everyone, keys: ['service'], system: true }),
  'alerts.raise': permission('open and update alerts', { system: true }),
  'alerts.triage': permission('acknowledge and resolve alerts', {
    roles: ['analyst', 'responder'],
  }),
  'rules.read': permission('see detection rules', { roles: everyone, system: true }),
  'rules.write': permission('write detection rules, test them and run them in the shadow', {
    roles: ['analyst', 'admin'],
  }),
  'rules.enable': permission('approve detection rules, and switch them on and off', {
    roles: ['admin'],
  }),
  'rules.run_backtest': permission('run a rule over stored events', { system: true }),
  'canaries.read': permission('see registered canaries', {
    roles: ['analyst', 'responder', 'auditor', 'admin'],
    system: true,
  }),
  'canaries.search': permission('have one’s texts searched for canaries', {
    roles: ['reviewer'],
    keys: ['agent', 'ingest', 'enforcer', 'service'],
  }),
  'guard.scan': permission('have texts scanned', { keys: ['agent', 'enforcer', 'service'] }),
  'canaries.write': permission('register and remove canaries', { roles: ['analyst'] }),
  'channels.read': permission('see where alerts are sent, and how that went', {
    roles: everyone,
    system: true,
  }),
  'channels.write': permission('add, test and remove channels', { roles: ['admin'] }),
  'deliveries.retry': permission('have a delivery tried again', {
    roles: ['analyst', 'responder', 'admin'],
  }),
  'deliveries.send': permission('send alerts to channels', { system: true }),
  'transmitters.read': permission('see who sends security events, and what came of them', {
    roles: ['analyst', 'responder', 'auditor', 'admin'],
  }),
  'transmitters.write': permission('add and remove transmitters of security events', {
    roles: ['admin'],
  }),
  'security_events.apply': permission('do what a registered transmitter tells', { system: true }),
  'people.read': permission('see people and their roles', { roles: ['admin', 'auditor'] }),
  'people.write': permission('add, change and remove people', { roles: ['admin'] }),
  'keys.read': permission('see machine keys', { roles: ['admin', 'auditor'] }),
  'keys.write': permission('create and revoke machine keys', { roles: ['admin'] }),
  'audit.read': permission('read the audit log', { roles: ['auditor', 'admin', 'responder'] }),
  'audit.export': permission('take the audit log away as a file', { roles: ['auditor', 'admin'] }),
  'actions.ask': permission('ask before acting, and read or cancel what one asked', {
    keys: ['agent'],
  }),
  'actions.report': permission('report how a redeemed action ended', {
    keys: ['agent', 'enforcer'],
  }),
  'actions.read': permission('see actions and their decisions, without arguments', {
    roles: everyone,
    system: true,
  }),
  'permits.redeem': permission('redeem a permit', { keys: ['agent', 'enforcer'] }),
  'approvals.read': permission('see the queue of held actions, without arguments', {
    roles: everyone,
    system: true,
  }),
  'approvals.open': permission('open the sealed arguments of a held action', {
    roles: ['reviewer'],
  }),
  'approvals.vote': permission('approve, deny or question a held action', { roles: ['reviewer'] }),
  'stops.read': permission('see stops and what they reached', {
    roles: everyone,
    keys: ['service'],
    system: true,
  }),
  'stops.place': permission('stop agents', {
    roles: ['analyst', 'reviewer', 'responder', 'admin'],
    keys: ['service'],
    system: true,
  }),
  'stops.place_self': permission('stop oneself', { keys: ['agent'] }),
  'stops.lift': permission('lift a stop', { roles: ['responder', 'admin'] }),
  'stops.finish': permission('finish a drain that another process began', {
    roles: everyone,
    keys: ['agent', 'service'],
    system: true,
  }),
  'containments.begin': permission('contain an agent', {
    roles: ['responder', 'admin'],
    system: true,
  }),
  'containments.finish': permission('finish a containment that was begun', {
    roles: ['analyst', 'reviewer', 'responder', 'admin'],
    keys: ['service'],
    system: true,
  }),
  'evidence.export': permission('take the evidence of a containment away as a file', {
    roles: ['responder', 'auditor'],
  }),
  'drills.run': permission('start a stop drill', { roles: ['responder', 'admin'], system: true }),
  'drills.plan': permission('set how often drills are due', { roles: ['admin'] }),
  'drills.measure': permission('carry a drill on and note what it shows', { system: true }),
  'control.follow': permission('follow stops, and say what one’s instance does', {
    keys: ['agent'],
  }),
  'credentials.read': permission('see credentials and leases, never a secret', {
    roles: everyone,
    system: true,
  }),
  'credentials.write': permission('bring credentials into the broker', { roles: ['admin'] }),
  'credentials.revoke': permission('revoke credentials', { roles: ['responder', 'admin'] }),
  'credentials.rotate': permission(
    'seal the broker’s secrets, or wrap its data keys, under a new key',
    {},
  ),
  'credentials.finish': permission('bring revocations to their providers', { system: true }),
  'leases.issue': permission('take and give back leases', { keys: ['agent'] }),
  'leases.introspect': permission('ask whether a lease is live', { keys: ['agent', 'enforcer'] }),
  'tenants.create': permission('create a tenant', {}),
  'demo.manage': permission('start, stop and remove the demo', {}),
  'sign_in.own': permission('see and end one’s own sign-ins', { roles: everyone }),
} as const satisfies Record<string, Permission>;

export type PermissionName = keyof typeof permissions;

/** Whether people of these roles hold a permission; an empty list of roles holds none. */
export function rolesAllow(held: readonly Role[], name: PermissionName): boolean {
  const allowed: readonly Role[] = permissions[name].roles;
  return held.some((role) => allowed.includes(role));
}

/** Whether a machine key of this kind holds a permission. */
export function keyAllows(kind: KeyKind, name: PermissionName): boolean {
  const allowed: readonly KeyKind[] = permissions[name].keys;
  return allowed.includes(kind);
}
