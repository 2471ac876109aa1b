'use client';

import { SunMoon } from 'lucide-react';
import { useDisplaySettings } from '../ui/display-settings-provider.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { Menu, MenuChoice, MenuSeparator } from '../ui/menu.tsx';

/** Theme, density, time zone and single-key shortcuts of this person on this browser. */
export function DisplayMenu() {
  const { settings, change } = useDisplaySettings();
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label="Display">
          <SunMoon />
        </IconButton>
      }
    >
      <MenuChoice
        label="Theme"
        value={settings.theme}
        onChange={(theme) => change({ theme })}
        options={[
          { value: 'system', label: 'As the system' },
          { value: 'light', label: 'Light' },
          { value: 'dark', label: 'Dark' },
        ]}
      />
      <MenuSeparator />
      <MenuChoice
        label="Density"
        value={settings.density}
        onChange={(density) => change({ density })}
        options={[
          { value: 'comfortable', label: 'Comfortable' },
          { value: 'compact', label: 'Compact' },
        ]}
      />
      <MenuSeparator />
      <MenuChoice
        label="Times"
        value={settings.zone}
        onChange={(zone) => change({ zone })}
        options={[
          { value: 'utc', label: 'UTC' },
          { value: 'local', label: 'Local time' },
        ]}
      />
      <MenuSeparator />
      <MenuChoice
        label="Single-key shortcuts"
        value={settings.keys}
        onChange={(keys) => change({ keys })}
        options={[
          { value: 'on', label: 'On' },
          { value: 'off', label: 'Off' },
        ]}
      />
    </Menu>
  );
}
