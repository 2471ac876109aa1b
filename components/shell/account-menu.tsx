'use client';

import { Keyboard, LogOut, UserRound } from 'lucide-react';
import { links } from '#server/kernel/links.ts';
import { signOut } from '../sign-in/sign-out.ts';
import { classNames } from '../ui/class-names.ts';
import { buttonLook } from '../ui/button-look.ts';
import { Link } from '../ui/link.tsx';
import { Menu, MenuItem, MenuSeparator } from '../ui/menu.tsx';
import { Kbd } from '../ui/kbd.tsx';

/** Who is signed in, and the way out. */
export function AccountMenu(props: {
  readonly tenant: string;
  readonly name: string;
  readonly email: string;
  readonly onShortcuts: () => void;
}) {
  const letters = props.name
    .split(/\s+/)
    .map((word) => Array.from(word)[0] ?? '')
    .slice(0, 2);
  const initials = letters.join('').toUpperCase() || '?';
  return (
    <Menu
      align="end"
      trigger={
        <button
          type="button"
          aria-label={`${initials}, account of ${props.name}`}
          className={classNames(
            buttonLook({ look: 'plain' }),
            'w-8 rounded-full px-0 text-2xs pointer-coarse:w-10',
          )}
        >
          {initials}
        </button>
      }
    >
      <div className="px-2 pt-1.5 pb-2">
        <p className="text-sm font-medium">{props.name}</p>
        <p className="text-xs text-ink-muted">{props.email}</p>
      </div>
      <MenuSeparator />
      <MenuItem render={<Link href={links.settings(props.tenant, 'account')} />}>
        <UserRound aria-hidden />
        Your account
      </MenuItem>
      <MenuItem onSelect={props.onShortcuts} trailing={<Kbd>?</Kbd>}>
        <Keyboard aria-hidden />
        Keyboard shortcuts
      </MenuItem>
      <MenuItem onSelect={() => void signOut()}>
        <LogOut aria-hidden />
        Sign out
      </MenuItem>
    </Menu>
  );
}
