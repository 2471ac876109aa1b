'use client';

import { createContext, useCallback, useContext, useMemo, useState, type ReactNode } from 'react';
import {
  displayCookieName,
  displayDefaults,
  htmlAttributes,
  serialiseDisplaySettings,
  type DisplaySettings,
} from './display-settings.ts';

interface DisplayContext {
  readonly settings: DisplaySettings;
  /** Applies at once, without a reload, and lasts a year. */
  readonly change: (change: Partial<DisplaySettings>) => void;
  /** The server's clock when it drew the page, in epoch milliseconds: hydration agrees with it. */
  readonly serverNowMs: number;
}

const Context = createContext<DisplayContext>({
  settings: displayDefaults,
  change: () => undefined,
  serverNowMs: 0,
});

const oneYearSeconds = 365 * 24 * 3600;

function apply(settings: DisplaySettings): void {
  const root = document.documentElement;
  const attributes = htmlAttributes(settings);
  root.dataset['density'] = attributes['data-density'];
  if (attributes['data-theme'] === undefined) delete root.dataset['theme'];
  else root.dataset['theme'] = attributes['data-theme'];
  const secure = location.protocol === 'https:' ? '; Secure' : '';
  document.cookie = `${displayCookieName}=${serialiseDisplaySettings(settings)}; Path=/; Max-Age=${oneYearSeconds}; SameSite=Lax${secure}`;
}

/** Holds theme, density, time zone and shortcut choices. `initial` comes from the cookie. */
export function DisplaySettingsProvider(props: {
  readonly initial: DisplaySettings;
  readonly serverNowMs: number;
  readonly children: ReactNode;
}) {
  const [settings, setSettings] = useState(props.initial);
  const { serverNowMs } = props;
  const change = useCallback(
    (part: Partial<DisplaySettings>) => {
      const next = { ...settings, ...part };
      apply(next);
      setSettings(next);
    },
    [settings],
  );
  const value = useMemo(() => ({ settings, change, serverNowMs }), [settings, change, serverNowMs]);
  return <Context value={value}>{props.children}</Context>;
}

/** Theme, density, zone and shortcut choices of this person, and the way to change them. */
export function useDisplaySettings(): DisplayContext {
  return useContext(Context);
}
