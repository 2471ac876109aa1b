'use client';

import { Search } from 'lucide-react';
import dynamic from 'next/dynamic';
import { usePathname } from 'next/navigation';
import { useState, type ReactNode } from 'react';
import { useApprovalCounts } from '../approvals/use-approval-signals.ts';
import { ConnectionBadge } from '../live/connection-badge.tsx';
import { StaleStreamBanner } from '../live/stale-stream-banner.tsx';
import { StopBanner } from '../stops/stop-banner.tsx';
import { StopButton } from '../stops/stop-button.tsx';
import { useStandingStops } from '../stops/use-standing-stops.ts';
import { Banner } from '../ui/banner.tsx';
import { classNames } from '../ui/class-names.ts';
import { useDisplaySettings } from '../ui/display-settings-provider.tsx';
import { controlLook } from '../ui/control-look.ts';
import { Kbd } from '../ui/kbd.tsx';
import { useChord, useShortcuts } from '../ui/use-shortcuts.ts';
import { AccountMenu } from './account-menu.tsx';
import { DisplayMenu } from './display-menu.tsx';
import { navigationFor, placeOf } from './navigation-items.ts';
import { BottomNavigation, SideNavigation } from './navigation.tsx';
import { useGoToKeys } from './use-go-to-keys.ts';
import { TenantSwitcher, type ShellTenant } from './tenant-switcher.tsx';

export interface AppShellProps {
  readonly person: { readonly name: string; readonly email: string };
  readonly tenant: ShellTenant;
  readonly tenants: readonly ShellTenant[];
  /** Names of the permissions that the person holds in this tenant. */
  readonly permissions: readonly string[];
  readonly children: ReactNode;
}

// Both come when they are first asked for: every page would otherwise carry them.
const ShellPalette = dynamic(
  () => import('./shell-palette.tsx').then((module) => module.ShellPalette),
  { loading: () => null },
);
const ShellShortcuts = dynamic(
  () => import('./shell-shortcuts.tsx').then((module) => module.ShellShortcuts),
  { loading: () => null },
);

const mainId = 'main';

/** What stands around every page: menu, tenant, search, connection, display, account, shortcuts. */
export function AppShell(props: AppShellProps) {
  const { tenant, permissions } = props;
  const [isPaletteOpen, setIsPaletteOpen] = useState(false);
  const [isSheetOpen, setIsSheetOpen] = useState(false);
  const { settings } = useDisplaySettings();
  const path = usePathname();
  const items = navigationFor(permissions);
  const currentId = placeOf(path, tenant.slug, items)?.id ?? null;
  const navigation = {
    tenant: tenant.slug,
    items,
    currentId,
    hasKeys: settings.keys === 'on',
    waiting: {
      approvals: useApprovalCounts()?.waiting ?? 0,
      stops: useStandingStops().data?.length ?? 0,
    },
  };
  useGoToKeys(tenant.slug, items);
  useChord('$mod+k', () => setIsPaletteOpen(true));
  useShortcuts({ '[Shift]+?': () => setIsSheetOpen(true) });

  return (
    <div className="flex h-dvh flex-col lg:grid lg:grid-cols-[13rem_minmax(0,1fr)]">
      <a
        href={`#${mainId}`}
        className="fixed top-2 left-2 z-50 -translate-y-16 rounded bg-accent px-3 py-2 text-sm font-medium text-accent-ink focus:translate-y-0"
      >
        Skip to the content
      </a>
      <aside className="hidden min-h-0 flex-col border-r border-line bg-panel lg:flex">
        <div className="flex h-12 shrink-0 items-center border-b border-line px-2">
          <TenantSwitcher current={tenant} tenants={props.tenants} className="w-full" />
        </div>
        <SideNavigation {...navigation} />
      </aside>
      <div className="flex min-h-0 min-w-0 flex-1 flex-col">
        {tenant.isDemo ? (
          <Banner tone="note">Demo data: scripted agents on this machine post it.</Banner>
        ) : null}
        <StopBanner tenant={tenant.slug} />
        <header className="flex h-12 shrink-0 items-center gap-2 border-b border-line bg-panel px-4">
          <TenantSwitcher
            current={tenant}
            tenants={props.tenants}
            className="max-w-40 px-1 lg:hidden"
          />
          <button
            type="button"
            onClick={() => setIsPaletteOpen(true)}
            className={classNames(
              controlLook,
              'flex h-8 w-auto items-center gap-2 border-line px-2.5 text-ink-faint sm:w-72 pointer-coarse:h-10',
            )}
          >
            <Search aria-hidden className="size-3.5" />
            <span className="flex-1 text-left max-sm:sr-only">Search or go to…</span>
            <span aria-hidden className="flex gap-0.5 max-sm:hidden pointer-coarse:hidden">
              <Kbd>Ctrl</Kbd>
              <Kbd>K</Kbd>
            </span>
          </button>
          <span className="flex-1" />
          <ConnectionBadge />
          <StopButton />
          <DisplayMenu />
          <AccountMenu
            {...props.person}
            tenant={tenant.slug}
            onShortcuts={() => setIsSheetOpen(true)}
          />
        </header>
        <StaleStreamBanner />
        <main id={mainId} tabIndex={-1} className="flex min-h-0 flex-1 flex-col outline-none">
          {props.children}
        </main>
        <BottomNavigation {...navigation} />
      </div>
      {isPaletteOpen ? (
        <ShellPalette
          onClose={() => setIsPaletteOpen(false)}
          tenant={tenant}
          tenants={props.tenants}
          items={items}
          permissions={permissions}
          onShortcuts={() => setIsSheetOpen(true)}
        />
      ) : null}
      {isSheetOpen ? <ShellShortcuts onClose={() => setIsSheetOpen(false)} items={items} /> : null}
    </div>
  );
}
