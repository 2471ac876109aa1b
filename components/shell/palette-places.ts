import { Grid3x3, PenLine, Settings, Siren, type LucideIcon } from 'lucide-react';
import { links, type SettingsSection } from '#server/kernel/links.ts';
import { sectionWords } from '../settings/section-words.ts';

/** A page below a place of the menu: the palette leads there at once, the menu over its place. */
export interface PalettePlace {
  readonly id: string;
  readonly label: string;
  readonly Icon: LucideIcon;
  readonly hrefOf: (tenant: string) => string;
  /** What a person must hold to see it; null for everyone in the tenant. */
  readonly permission: string | null;
  readonly keywords: readonly string[];
}

const section = (
  name: SettingsSection,
  permission: string | null,
  keywords: readonly string[],
): PalettePlace => ({
  id: `settings-${name}`,
  label: name === 'account' ? sectionWords.account : `Settings: ${sectionWords[name]}`,
  Icon: Settings,
  hrefOf: (tenant) => links.settings(tenant, name),
  permission,
  keywords,
});

/** Every page that is not itself in the menu. */
export const palettePlaces: readonly PalettePlace[] = [
  {
    id: 'drills',
    label: 'Drills',
    Icon: Siren,
    hrefOf: (tenant) => links.drills(tenant),
    permission: 'stops.read',
    keywords: ['exercise', 'rehearse', 'stop times'],
  },
  {
    id: 'workbench',
    label: 'New rule',
    Icon: PenLine,
    hrefOf: (tenant) => links.workbench(tenant),
    permission: 'rules.write',
    keywords: ['workbench', 'write', 'backtest', 'shadow', 'sigma', 'detection'],
  },
  {
    id: 'matrix',
    label: 'Alerts as a matrix',
    Icon: Grid3x3,
    hrefOf: (tenant) => links.alerts(tenant, { view: 'matrix' }),
    permission: 'alerts.read',
    keywords: ['atlas', 'owasp', 'asi', 'coverage'],
  },
  section('people', 'people.read', ['roles', 'members', 'users', 'invite']),
  section('keys', 'keys.read', ['machine keys', 'api key', 'enforcer', 'service']),
  section('tools', 'tools.read', ['risk', 'effect', 'governed']),
  section('canaries', 'canaries.read', ['honeytoken', 'marker', 'mint']),
  section('channels', 'channels.read', ['webhook', 'e-mail', 'caep', 'deliveries']),
  section('transmitters', 'transmitters.read', ['shared signals', 'ssf', 'security events']),
  section('account', null, ['password', 'sign-ins', 'sessions']),
];

/** Of these pages, those that a person with these permissions may see. */
export function palettePlacesFor(permissions: readonly string[]): readonly PalettePlace[] {
  return palettePlaces.filter(
    (place) => place.permission === null || permissions.includes(place.permission),
  );
}
