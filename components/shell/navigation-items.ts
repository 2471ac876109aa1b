import {
  Bot,
  Cable,
  Gauge,
  Gavel,
  KeyRound,
  OctagonX,
  Radar,
  ScrollText,
  Settings,
  ShieldAlert,
  Waypoints,
  type LucideIcon,
} from 'lucide-react';
import { links } from '#server/kernel/links.ts';

/** One place of the product. Only what is built stands here, so the menu never leads nowhere. */
export interface NavigationItem {
  readonly id: string;
  readonly label: string;
  readonly Icon: LucideIcon;
  readonly hrefOf: (tenant: string) => string;
  /** Permission that a person must hold to see it; null for everyone in the tenant. */
  readonly permission: string | null;
  /** The second key after `g`. */
  readonly key: string;
  /** Words by which the command palette finds it, beside its label. */
  readonly keywords: readonly string[];
}

/** In the order in which they are needed. */
export const navigationItems: readonly NavigationItem[] = [
  {
    id: 'overview',
    label: 'Overview',
    Icon: Gauge,
    hrefOf: links.overview,
    permission: null,
    key: 'o',
    keywords: ['home', 'dashboard', 'fleet'],
  },
  {
    id: 'approvals',
    label: 'Approvals',
    Icon: Gavel,
    hrefOf: (tenant) => links.approvals(tenant),
    permission: 'approvals.read',
    key: 'a',
    keywords: ['queue', 'held actions', 'decide', 'vote', 'review'],
  },
  {
    id: 'alerts',
    label: 'Alerts',
    Icon: ShieldAlert,
    hrefOf: (tenant) => links.alerts(tenant),
    permission: 'alerts.read',
    key: 'l',
    keywords: ['inbox', 'detections', 'triage'],
  },
  {
    id: 'traces',
    label: 'Traces',
    Icon: Waypoints,
    hrefOf: (tenant) => links.traces(tenant),
    permission: 'telemetry.read',
    key: 't',
    keywords: ['events', 'spans', 'replay', 'playback'],
  },
  {
    id: 'agents',
    label: 'Agents',
    Icon: Bot,
    hrefOf: (tenant) => links.agents(tenant),
    permission: 'agents.read',
    key: 'f',
    keywords: ['fleet', 'instances', 'owners'],
  },
  {
    id: 'stops',
    label: 'Stops',
    Icon: OctagonX,
    hrefOf: (tenant) => links.stops(tenant),
    permission: 'stops.read',
    key: 's',
    keywords: ['emergency', 'halt', 'lift', 'ladder'],
  },
  {
    id: 'credentials',
    label: 'Credentials',
    Icon: KeyRound,
    hrefOf: (tenant) => links.credentials(tenant),
    permission: 'credentials.read',
    key: 'k',
    keywords: ['broker', 'leases', 'secrets', 'tokens', 'revoke', 'providers'],
  },
  {
    id: 'rules',
    label: 'Rules',
    Icon: Radar,
    hrefOf: (tenant) => links.rules(tenant),
    permission: 'rules.read',
    key: 'r',
    keywords: ['detection', 'sigma', 'switch'],
  },
  {
    id: 'audit',
    label: 'Audit',
    Icon: ScrollText,
    hrefOf: (tenant) => links.audit(tenant),
    permission: 'audit.read',
    key: 'u',
    keywords: ['log', 'history', 'who did what'],
  },
  {
    id: 'connect',
    label: 'Connect',
    Icon: Cable,
    hrefOf: links.connect,
    permission: 'keys.write',
    key: 'c',
    keywords: ['agent', 'otlp', 'snippet', 'sdk'],
  },
  {
    id: 'settings',
    label: 'Settings',
    Icon: Settings,
    hrefOf: (tenant) => links.settings(tenant),
    // Everybody has at least their own sign-ins there.
    permission: null,
    key: ',',
    keywords: ['people', 'keys', 'tools', 'canaries', 'password', 'sign-ins'],
  },
];

/** The places that a person with these permissions may go to. No permissions, almost no places. */
export function navigationFor(permissions: readonly string[]): readonly NavigationItem[] {
  return navigationItems.filter(
    (item) => item.permission === null || permissions.includes(item.permission),
  );
}

/** The place that a path lies in: the longest address that it begins with; null for none. */
export function placeOf(
  path: string,
  tenant: string,
  items: readonly NavigationItem[],
): NavigationItem | null {
  const matches = items.filter((item) => {
    const base = item.hrefOf(tenant).split('?')[0] ?? '';
    return path === base || (item.id !== 'overview' && path.startsWith(`${base}/`));
  });
  return matches[0] ?? null;
}
