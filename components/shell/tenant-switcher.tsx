'use client';

import { Check, ChevronsUpDown } from 'lucide-react';
import { links } from '#server/kernel/links.ts';
import { classNames } from '../ui/class-names.ts';
import { Menu, MenuItem } from '../ui/menu.tsx';
import { BrandMark } from './brand-mark.tsx';

export interface ShellTenant {
  readonly slug: string;
  readonly name: string;
  readonly isDemo: boolean;
}

/** The tenant that everything on the page belongs to, and the others of this person. */
export function TenantSwitcher(props: {
  readonly current: ShellTenant;
  readonly tenants: readonly ShellTenant[];
  readonly className?: string;
}) {
  const { current } = props;
  const face = (
    <>
      <BrandMark />
      <span className="min-w-0 flex-1 truncate text-left text-sm font-semibold tracking-tight">
        {current.name}
      </span>
    </>
  );
  const look = classNames(
    'flex h-9 min-w-0 items-center gap-2 rounded px-2 pointer-coarse:h-10',
    props.className,
  );
  if (props.tenants.length < 2) return <div className={look}>{face}</div>;
  return (
    <Menu
      className="min-w-56"
      trigger={
        <button
          type="button"
          aria-label={`Tenant ${current.name}; change`}
          className={classNames(look, 'hover:bg-ink/6')}
        >
          {face}
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-ink-faint" />
        </button>
      }
    >
      {props.tenants.map((tenant) => (
        <MenuItem
          key={tenant.slug}
          // A full load: nothing of one tenant may stay in the memory of another's page.
          onSelect={() => location.assign(links.overview(tenant.slug))}
          trailing={tenant.slug === current.slug ? <Check aria-label="current" /> : undefined}
        >
          {tenant.name}
        </MenuItem>
      ))}
    </Menu>
  );
}
