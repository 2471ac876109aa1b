'use client';

import { Menu as MenuIcon } from 'lucide-react';
import { useState } from 'react';
import { classNames } from '../ui/class-names.ts';
import { Sheet } from '../ui/dialog.tsx';
import { formatCountShort } from '../ui/format-quantity.ts';
import { Kbd } from '../ui/kbd.tsx';
import { Link } from '../ui/link.tsx';
import type { NavigationItem } from './navigation-items.ts';

interface NavigationProps {
  readonly tenant: string;
  readonly items: readonly NavigationItem[];
  readonly currentId: string | null;
  /** Whether the keys behind `g` are shown. */
  readonly hasKeys: boolean;
  /** How many things wait at a place, by its id; drawn when there is one. */
  readonly waiting: Readonly<Record<string, number>>;
}

/** How many things wait at a place; nothing when none does. */
function WaitingMark(props: { readonly count: number; readonly className?: string }) {
  if (props.count === 0) return null;
  return (
    <span
      className={classNames(
        'flex h-4.5 min-w-4.5 items-center justify-center rounded-full bg-critical/20 px-1 text-2xs font-semibold text-critical tabular-nums',
        props.className,
      )}
    >
      <span className="sr-only">, now </span>
      {formatCountShort(props.count)}
    </span>
  );
}

function NavigationLinks(props: NavigationProps & { readonly onGo?: () => void }) {
  return (
    <ul className="flex flex-col gap-px">
      {props.items.map(({ id, label, Icon, hrefOf, key }) => (
        <li key={id}>
          <Link
            href={hrefOf(props.tenant)}
            aria-current={id === props.currentId ? 'page' : undefined}
            {...(props.onGo === undefined ? {} : { onClick: props.onGo })}
            className={classNames(
              'group flex h-8 items-center gap-2.5 rounded px-2 text-sm text-ink-muted transition-colors hover:bg-ink/6 hover:text-ink pointer-coarse:h-11',
              id === props.currentId && 'bg-ink/8 font-medium text-ink',
            )}
          >
            <Icon
              aria-hidden
              className={classNames('size-4 shrink-0', id === props.currentId && 'text-accent')}
            />
            <span className="flex-1">{label}</span>
            <WaitingMark count={props.waiting[id] ?? 0} />
            {props.hasKeys ? (
              <span
                aria-hidden
                className="hidden gap-0.5 group-hover:flex group-focus-visible:flex pointer-coarse:hidden!"
              >
                <Kbd>g</Kbd>
                <Kbd>{key}</Kbd>
              </span>
            ) : null}
          </Link>
        </li>
      ))}
    </ul>
  );
}

/** The menu down the left side, from 1024 px on. */
export function SideNavigation(props: NavigationProps) {
  return (
    <nav aria-label="Main" className="px-2 py-2">
      <NavigationLinks {...props} />
    </nav>
  );
}

const barItemsMax = 4;

/** The menu along the bottom of a narrow screen: the first places, and the rest behind "More". */
export function BottomNavigation(props: NavigationProps) {
  const [isOpen, setIsOpen] = useState(false);
  const shown = props.items.slice(0, barItemsMax);
  const rest = props.items.slice(barItemsMax);
  const look =
    'flex h-14 flex-1 flex-col items-center justify-center gap-1 text-2xs text-ink-muted -outline-offset-2 aria-[current]:text-accent';
  return (
    <nav
      aria-label="Main"
      className="flex shrink-0 border-t border-line bg-panel pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {shown.map(({ id, label, Icon, hrefOf }) => (
        <Link
          key={id}
          href={hrefOf(props.tenant)}
          aria-current={id === props.currentId ? 'page' : undefined}
          className={classNames(look, 'relative')}
        >
          <Icon aria-hidden className="size-5" />
          {label}
          <WaitingMark count={props.waiting[id] ?? 0} className="absolute top-1.5 ml-6" />
        </Link>
      ))}
      {rest.length === 0 ? null : (
        <Sheet
          side="bottom"
          title="More"
          isOpen={isOpen}
          onOpenChange={setIsOpen}
          trigger={
            <button
              type="button"
              className={classNames(
                look,
                'relative',
                rest.some((item) => item.id === props.currentId) && 'text-accent',
              )}
            >
              <MenuIcon aria-hidden className="size-5" />
              More
              <WaitingMark
                count={rest.reduce((sum, item) => sum + (props.waiting[item.id] ?? 0), 0)}
                className="absolute top-1.5 ml-6"
              />
            </button>
          }
        >
          <NavigationLinks {...props} items={rest} onGo={() => setIsOpen(false)} />
        </Sheet>
      )}
    </nav>
  );
}
