'use client';

import { classNames } from './class-names.ts';
import { Button, type ButtonProps } from './button.tsx';
import { Tooltip } from './tooltip.tsx';

/**
 * A square button with one icon. `label` is its accessible name and its tooltip; `keys` is shown in
 * the tooltip (`['g', 'a']`). `<IconButton label="Copy"><Copy /></IconButton>`
 */
export function IconButton({
  label,
  keys,
  look = 'quiet',
  size = 'md',
  className,
  ...rest
}: ButtonProps & { readonly label: string; readonly keys?: readonly string[] }) {
  const square =
    size === 'sm' ? 'w-6 px-0 pointer-coarse:w-9' : 'w-8 px-0 pointer-coarse:w-10 [&_svg]:size-4';
  return (
    <Tooltip text={rest.disabledReason ?? label} {...(keys === undefined ? {} : { keys })}>
      <Button
        {...rest}
        aria-label={label}
        look={look}
        size={size}
        className={classNames(square, className)}
      />
    </Tooltip>
  );
}
