import type { SettingsSection } from '#server/kernel/links.ts';

/** What each section of the settings is called. */
export const sectionWords: Readonly<Record<SettingsSection, string>> = {
  people: 'People',
  keys: 'Keys',
  tools: 'Tools',
  canaries: 'Canaries',
  channels: 'Channels',
  transmitters: 'Transmitters',
  account: 'Your account',
};
