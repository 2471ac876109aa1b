'use client';

import { ShortcutsSheet, type ShortcutGroup } from '../ui/shortcuts-sheet.tsx';
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
  items: [
    { keys: ['x'], does: 'Select the row; the keys below then mean all that are selected' },
    { keys: ['e'], does: 'Acknowledge, then resolve' },
    { keys: ['s'], does: 'Set aside: snooze, or archive until it escalates' },
    { keys: ['m'], does: 'Assign' },
    { keys: ['c'], does: 'Comment' },
  ],
};

const approvals: ShortcutGroup = {
  name: 'Approvals',
  items: [
    { keys: ['Space'], does: 'Look at the row' },
    { keys: ['a'], does: 'Open the approval; it approves nothing by itself' },
    { keys: ['d'], does: 'Deny, with a reason' },
    { keys: ['c'], does: 'Ask the agent' },
    { keys: ['e'], does: 'Edit the arguments and approve that' },
    { keys: ['Escape'], does: 'Close the request' },
  ],
};

const traces: ShortcutGroup = {
  name: 'One trace',
  items: [
    { keys: ['Space'], does: 'Play back or pause' },
    { keys: ['['], does: 'One moment back' },
    { keys: [']'], does: 'One moment on' },
    { keys: ['n'], does: 'Next failure' },
    { keys: ['p'], does: 'Previous failure' },
    { keys: ['w'], does: 'Closer' },
    { keys: ['s'], does: 'Farther' },
    { keys: ['a'], does: 'Earlier' },
    { keys: ['d'], does: 'Later' },
    { keys: ['0'], does: 'The whole trace' },
  ],
};

/** The sheet that lists every shortcut there is; open while it is mounted. */
export function ShellShortcuts(props: {
  readonly onClose: () => void;
  readonly items: readonly NavigationItem[];
}) {
  const everywhere: ShortcutGroup = {
    name: 'Everywhere',
    items: [
      { keys: ['Ctrl', 'K'], does: 'Search and commands' },
      ...props.items.map((item) => ({ keys: ['g', item.key], does: `Go to ${item.label}` })),
      { keys: ['!'], does: 'Open the stop dialog; it stops nothing by itself' },
      { keys: ['?'], does: 'This sheet' },
    ],
  };
  return (
    <ShortcutsSheet
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      groups={[everywhere, lists, approvals, alerts, traces]}
    />
  );
}
