'use client';

import { lazy, type ComponentType } from 'react';
import type { MenuChoiceProps, MenuProps } from './menu-popup.tsx';
import { OnDemandPopup } from './on-demand-popup.tsx';

const load = () => import('./menu-popup.tsx');
const MenuPopup = lazy(() => load().then((parts) => ({ default: parts.MenuPopup })));

/** One action. With `render={<Link href=… />}` it is a link and opens in a new tab like one. */
export const MenuItem = lazy(() => load().then((parts) => ({ default: parts.MenuItem })));

/** A hairline between groups. */
export const MenuSeparator = lazy(() => load().then((parts) => ({ default: parts.MenuSeparator })));

const AnyChoice = lazy(() =>
  load().then((parts) => ({ default: parts.MenuChoice as ComponentType<MenuChoiceProps<string>> })),
);

/** One choice of several, with a tick at the chosen one; the menu stays open. */
export function MenuChoice<Value extends string>(props: MenuChoiceProps<Value>) {
  const { onChange, options } = props;
  return (
    <AnyChoice
      {...props}
      onChange={(value) => {
        const option = options.find((candidate) => candidate.value === value);
        if (option !== undefined) onChange(option.value);
      }}
    />
  );
}

/**
 * Actions or choices behind one button.
 * `<Menu trigger={<Button>More</Button>}><MenuItem onSelect={…}>Rename</MenuItem></Menu>`
 */
export function Menu(props: MenuProps) {
  return (
    <OnDemandPopup kind="menu" trigger={props.trigger} load={load}>
      <MenuPopup {...props} />
    </OnDemandPopup>
  );
}
