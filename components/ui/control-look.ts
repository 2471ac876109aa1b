import { classNames } from './class-names.ts';

/** The frame that every control which takes text shares. */
export const controlLook = classNames(
  'w-full rounded border border-line-strong bg-sunken text-sm text-ink transition-colors',
  'hover:border-ink-faint',
  'disabled:cursor-not-allowed disabled:border-line disabled:text-ink-faint',
  'data-invalid:border-critical aria-invalid:border-critical',
);
