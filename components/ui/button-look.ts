import { cva } from 'class-variance-authority';

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
