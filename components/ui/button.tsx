'use client';

import { Button as BaseButton } from '@base-ui/react/button';
import type { VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { buttonLook } from './button-look.ts';
import { classNames } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';

export interface ButtonProps
  extends
    Omit<ComponentProps<'button'>, 'children' | 'className' | 'style'>,
    VariantProps<typeof buttonLook> {
  readonly className?: string;
  readonly children: ReactNode;
  /** Shows a spinner and refuses presses; the label stays, so that the button keeps its width. */
  readonly isBusy?: boolean;
  /**
   * Why this cannot be pressed now. Set, it disables the button but keeps it reachable by keyboard,
   * so that the reason can be read by everyone.
   */
  readonly disabledReason?: string | null;
  /** Draws another element (a link) with the same look. */
  readonly render?: ReactElement;
}

/** `<Button look="primary" onClick={…}>Save</Button>`. Type is `button` unless said otherwise. */
export function Button({
  look,
  size,
  className,
  isBusy = false,
  disabledReason = null,
  disabled = false,
  render,
  children,
  ...rest
}: ButtonProps) {
  const isRefused = disabledReason !== null || isBusy;
  const button = (
    <BaseButton
      {...rest}
      {...(render === undefined ? {} : { render, nativeButton: false })}
      disabled={disabled || isRefused}
      focusableWhenDisabled={isRefused}
      aria-busy={isBusy || undefined}
      className={classNames(buttonLook({ look, size }), className)}
    >
      {isBusy ? <LoaderCircle aria-hidden className="animate-spin" /> : null}
      {children}
    </BaseButton>
  );
  return disabledReason === null ? button : <Tooltip text={disabledReason}>{button}</Tooltip>;
}
