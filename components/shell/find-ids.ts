import { links } from '#server/kernel/links.ts';

/** A place that a pasted id leads to. */
export interface IdTarget {
  readonly id: string;
  readonly label: string;
  readonly href: string;
}

const kinds: readonly {
  readonly pattern: RegExp;
  readonly name: string;
  readonly permission: string;
  readonly hrefOf: (tenant: string, id: string) => string;
}[] = [
  {
    pattern: /^alr_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'alert',
    permission: 'alerts.read',
    hrefOf: links.alert,
  },
  {
    pattern: /^stp_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'stop',
    permission: 'stops.read',
    hrefOf: links.stop,
  },
  {
    pattern: /^apr_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'approval',
    permission: 'approvals.read',
    hrefOf: links.approval,
  },
  {
    pattern: /^agt_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'agent',
    permission: 'agents.read',
    hrefOf: links.agent,
  },
  {
    pattern: /^rul_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'rule',
    permission: 'rules.read',
    hrefOf: links.rule,
  },
  {
    pattern: /^drl_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'drill',
    permission: 'stops.read',
    hrefOf: (tenant, id) => links.drills(tenant, { drill: id }),
  },
  {
    pattern: /^crd_[0-9a-hjkmnp-tv-z]{26}$/,
    name: 'credential',
    permission: 'credentials.read',
    hrefOf: links.credential,
  },
  {
    pattern: /^[0-9a-f]{32}$/,
    name: 'trace',
    permission: 'telemetry.read',
    hrefOf: (tenant, id) => links.trace(tenant, id),
  },
];

/**
 * Where an id typed or pasted into the palette leads; empty for anything that is not exactly an id
 * of a kind that the person may see. It may name something that does not exist: the page says so.
 */
export function findIds(
  text: string,
  tenant: string,
  permissions: readonly string[],
): readonly IdTarget[] {
  const id = text.trim().toLowerCase();
  return kinds
    .filter((kind) => kind.pattern.test(id) && permissions.includes(kind.permission))
    .map((kind) => ({ id, label: `Open ${kind.name} ${id}`, href: kind.hrefOf(tenant, id) }));
}
