import type { Actor } from '#server/kernel/context.ts';
import type { SettingsSection } from '#server/kernel/links.ts';
import type { PermissionName } from '#server/kernel/permissions.ts';
import { actorMay } from './require-permission.ts';

/** What one needs in order to see each section of the settings, in the order of the tabs. */
const needed: Readonly<Record<SettingsSection, PermissionName>> = {
  people: 'people.read',
  keys: 'keys.read',
  tools: 'tools.read',
  canaries: 'canaries.read',
  channels: 'channels.read',
  transmitters: 'transmitters.read',
  account: 'sign_in.own',
};

/** The sections of the settings that this actor may see. Pure. */
export function settingsSectionsOf(actor: Actor): SettingsSection[] {
  return (Object.keys(needed) as SettingsSection[]).filter((section) =>
    actorMay(actor, needed[section]),
  );
}
