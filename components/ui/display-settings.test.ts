import { describe, expect, it } from 'vitest';
import {
  displayDefaults,
  htmlAttributes,
  parseDisplaySettings,
  serialiseDisplaySettings,
  type DisplaySettings,
} from './display-settings.ts';

describe('parseDisplaySettings', () => {
  it.each([undefined, '', 'nonsense', '=', '....', 'theme=', 'theme=blue.density=huge'])(
    'takes every default from %j',
    (value) => {
      expect(parseDisplaySettings(value)).toEqual(displayDefaults);
    },
  );

  it('keeps what it knows and defaults the rest', () => {
    expect(parseDisplaySettings('theme=dark.zone=mars.keys=off')).toEqual({
      ...displayDefaults,
      theme: 'dark',
      keys: 'off',
    });
  });

  it('never reads a name off the prototype', () => {
    expect(parseDisplaySettings('theme=constructor.density=__proto__')).toEqual(displayDefaults);
  });

  it('reads back every combination that it writes', () => {
    for (const theme of ['system', 'light', 'dark'] as const)
      for (const density of ['comfortable', 'compact'] as const)
        for (const zone of ['utc', 'local'] as const)
          for (const keys of ['on', 'off'] as const) {
            const settings: DisplaySettings = { theme, density, zone, keys };
            const written = serialiseDisplaySettings(settings);
            expect(written).toMatch(/^[a-z=.]+$/);
            expect(parseDisplaySettings(written)).toEqual(settings);
          }
  });
});

describe('htmlAttributes', () => {
  it('leaves the theme to the system unless one is chosen', () => {
    expect(htmlAttributes(displayDefaults)).toEqual({ 'data-density': 'comfortable' });
    expect(htmlAttributes({ ...displayDefaults, theme: 'light' })).toEqual({
      'data-theme': 'light',
      'data-density': 'comfortable',
    });
  });
});
