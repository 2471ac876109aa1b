'use client';

import { Button as BaseButton } from '@base-ui/react/button';
import { cva, type VariantProps } from 'class-variance-authority';
import { LoaderCircle } from 'lucide-react';
import type { ComponentProps, ReactElement, ReactNode } from 'react';
import { classNames } from './class-names.ts';
import { Tooltip } from './tooltip.tsx';

/**
 * Looks of a button. `primary` is the one thing a screen is for; `danger` cannot be undone.
 * Exported so that a link may look like one: `<Link className={buttonLook({…})}>`.
 */
export const buttonLook = cva(
  [
    'inline-flex shrink-0 items-center justify-center gap-1.5 rounded border font-medium whitespace-nowrap select-none',
    'transition-colors [&_svg]:size-3.5 [&_svg]:shrink-0',
    'disabled:cursor-not-allowed aria-disabled:cursor-not-allowed',
    'disabled:border-line disabled:bg-sunken disabled:text-ink-faint',
    'aria-disabled:border-line aria-disabled:bg-sunken aria-disabled:text-ink-faint',
  ],
  {
    variants: {
      look: {
        primary: 'border-transparent bg-accent text-accent-ink hover:bg-accent/85',
        plain: 'border-line-strong/60 bg-raised text-ink hover:border-line-strong hover:bg-ink/6',
        quiet: 'border-transparent bg-transparent text-ink-muted hover:bg-ink/7 hover:text-ink',
        danger: 'border-critical/60 bg-critical/10 text-critical hover:bg-critical/18',
      },
      size: {
        sm: 'h-6 px-2 text-xs pointer-coarse:h-9',
        md: 'h-8 px-3 text-sm pointer-coarse:h-10',
        lg: 'h-10 px-4 text-md',
      },
    },
    defaultVariants: { look: 'plain', size: 'md' },
  },
);

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
