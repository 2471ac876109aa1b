/** How one person wants the screen: kept in a cookie, so that the server draws it right at once. */
export interface DisplaySettings {
  /** `system` follows the operating system. */
  readonly theme: 'system' | 'light' | 'dark';
  readonly density: 'comfortable' | 'compact';
  /** In which zone instants are written. */
  readonly zone: 'utc' | 'local';
  /** Single-key shortcuts; WCAG 2.1.4 asks for a way to turn them off. */
  readonly keys: 'on' | 'off';
}

export const displayCookieName = 'signalbox-display';

export const displayDefaults: DisplaySettings = {
  theme: 'system',
  density: 'comfortable',
  zone: 'utc',
  keys: 'on',
};

const choices: { readonly [K in keyof DisplaySettings]: readonly DisplaySettings[K][] } = {
  theme: ['system', 'light', 'dark'],
  density: ['comfortable', 'compact'],
  zone: ['utc', 'local'],
  keys: ['on', 'off'],
};

function read<K extends keyof DisplaySettings>(
  values: URLSearchParams,
  key: K,
): DisplaySettings[K] {
  const value = values.get(key);
  return choices[key].find((choice) => choice === value) ?? displayDefaults[key];
}

/** Reads the cookie's value; whatever is missing or unknown takes its default, never an error. */
export function parseDisplaySettings(value: string | undefined): DisplaySettings {
  const values = new URLSearchParams((value ?? '').replaceAll('.', '&'));
  return {
    theme: read(values, 'theme'),
    density: read(values, 'density'),
    zone: read(values, 'zone'),
    keys: read(values, 'keys'),
  };
}

/** The cookie's value: `theme=dark.density=compact…`, free of characters that cookies refuse. */
export function serialiseDisplaySettings(settings: DisplaySettings): string {
  const { theme, density, zone, keys } = settings;
  return `theme=${theme}.density=${density}.zone=${zone}.keys=${keys}`;
}

/** Attributes of `<html>` that the style sheet answers to. `system` leaves `data-theme` away. */
export function htmlAttributes(settings: DisplaySettings): {
  'data-theme'?: 'light' | 'dark';
  'data-density': DisplaySettings['density'];
} {
  return settings.theme === 'system'
    ? { 'data-density': settings.density }
    : { 'data-theme': settings.theme, 'data-density': settings.density };
}
