'use client';

import { ArrowRight, Building2, Keyboard, LogOut, Moon, OctagonX, Rows3, Sun } from 'lucide-react';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { links } from '#server/kernel/links.ts';
import { signOut } from '../sign-in/sign-out.ts';
import { useStopControl } from '../stops/stop-context.tsx';
import { CommandPalette, type PaletteItem } from '../ui/command-palette.tsx';
import { useDisplaySettings } from '../ui/display-settings-provider.tsx';
import { findIds } from './find-ids.ts';
import type { NavigationItem } from './navigation-items.ts';
import { palettePlacesFor } from './palette-places.ts';
import type { ShellTenant } from './tenant-switcher.tsx';

/** The command palette, open while it is mounted, with every place, every switch of the shell, and any id that is pasted. */
export function ShellPalette(props: {
  readonly onClose: () => void;
  readonly tenant: ShellTenant;
  readonly tenants: readonly ShellTenant[];
  readonly items: readonly NavigationItem[];
  readonly permissions: readonly string[];
  readonly onShortcuts: () => void;
}) {
  const [query, setQuery] = useState('');
  const { settings, change } = useDisplaySettings();
  const router = useRouter();
  const stop = useStopControl();
  const { slug } = props.tenant;

  const ids: readonly PaletteItem[] = findIds(query, slug, props.permissions).map((target) => ({
    id: target.id,
    group: 'By id',
    label: target.label,
    icon: <ArrowRight />,
    onSelect: () => router.push(target.href),
  }));
  const places: readonly PaletteItem[] = props.items.map((item) => ({
    id: `go-${item.id}`,
    group: 'Go to',
    label: item.label,
    keywords: item.keywords,
    icon: <item.Icon />,
    keys: ['g', item.key],
    onSelect: () => router.push(item.hrefOf(slug)),
  }));
  const pages: readonly PaletteItem[] = palettePlacesFor(props.permissions).map((place) => ({
    id: `page-${place.id}`,
    group: 'Go to',
    label: place.label,
    keywords: place.keywords,
    icon: <place.Icon />,
    onSelect: () => router.push(place.hrefOf(slug)),
  }));
  const tenants: readonly PaletteItem[] = props.tenants
    .filter((tenant) => tenant.slug !== slug)
    .map((tenant) => ({
      id: `tenant-${tenant.slug}`,
      group: 'Tenants',
      label: `Switch to ${tenant.name}`,
      icon: <Building2 />,
      onSelect: () => location.assign(links.overview(tenant.slug)),
    }));
  const isCompact = settings.density === 'compact';
  const stops: readonly PaletteItem[] =
    stop.refusal === null
      ? [
          {
            id: 'stop',
            group: 'Do',
            label: 'Stop…',
            keywords: ['emergency', 'halt', 'kill', 'pause', 'agents'],
            icon: <OctagonX />,
            keys: ['!'],
            onSelect: () => stop.open(),
          },
        ]
      : [];
  const actions: readonly PaletteItem[] = [
    {
      id: 'theme-dark',
      group: 'Do',
      label: 'Dark theme',
      keywords: ['night'],
      icon: <Moon />,
      onSelect: () => change({ theme: 'dark' }),
    },
    {
      id: 'theme-light',
      group: 'Do',
      label: 'Light theme',
      keywords: ['day'],
      icon: <Sun />,
      onSelect: () => change({ theme: 'light' }),
    },
    {
      id: 'density',
      group: 'Do',
      label: isCompact ? 'Comfortable rows' : 'Compact rows',
      keywords: ['density'],
      icon: <Rows3 />,
      onSelect: () => change({ density: isCompact ? 'comfortable' : 'compact' }),
    },
    {
      id: 'shortcuts',
      group: 'Do',
      label: 'Show keyboard shortcuts',
      icon: <Keyboard />,
      keys: ['?'],
      onSelect: props.onShortcuts,
    },
    {
      id: 'sign-out',
      group: 'Do',
      label: 'Sign out',
      icon: <LogOut />,
      onSelect: () => void signOut(),
    },
  ];
  return (
    <CommandPalette
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      query={query}
      onQuery={setQuery}
      // Whoever types a word of it wants to stop, not to read of stops; at rest the menu comes first, alone.
      items={
        query.trim() === ''
          ? [...places, ...tenants, ...stops, ...actions]
          : [...ids, ...stops, ...places, ...pages, ...tenants, ...actions]
      }
    />
  );
}
