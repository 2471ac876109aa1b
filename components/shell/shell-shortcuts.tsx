'use client';

import { useRouter } from 'next/navigation';
import { ShortcutsSheet, type ShortcutGroup } from '../ui/shortcuts-sheet.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import type { NavigationItem } from './navigation-items.ts';

const lists: ShortcutGroup = {
  name: 'Lists',
  items: [
    { keys: ['j'], does: 'Next row' },
    { keys: ['k'], does: 'Previous row' },
    { keys: ['Enter'], does: 'Open the row' },
    { keys: ['/'], does: 'Search' },
    { keys: ['t'], does: 'Choose the time range' },
    { keys: ['p'], does: 'Pause or resume a live list' },
  ],
};

const alerts: ShortcutGroup = {
  name: 'Alerts',
  items: [{ keys: ['e'], does: 'Acknowledge, then resolve' }],
};

/** Go-to keys (`g` and a letter), and the sheet that lists every shortcut there is. */
export function ShellShortcuts(props: {
  readonly isOpen: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  readonly tenant: string;
  readonly items: readonly NavigationItem[];
}) {
  const router = useRouter();
  useShortcuts(
    Object.fromEntries(
      props.items.map((item) => [`g ${item.key}`, () => router.push(item.hrefOf(props.tenant))]),
    ),
  );
  const everywhere: ShortcutGroup = {
    name: 'Everywhere',
    items: [
      { keys: ['Ctrl', 'K'], does: 'Search and commands' },
      ...props.items.map((item) => ({ keys: ['g', item.key], does: `Go to ${item.label}` })),
      { keys: ['?'], does: 'This sheet' },
    ],
  };
  return (
    <ShortcutsSheet
      isOpen={props.isOpen}
      onOpenChange={props.onOpenChange}
      groups={[everywhere, lists, alerts]}
    />
  );
}
