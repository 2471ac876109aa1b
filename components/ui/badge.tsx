import { cva, type VariantProps } from 'class-variance-authority';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

const badgeLook = cva(
  'inline-flex h-5 max-w-full items-center gap-1 rounded border px-1.5 text-2xs font-medium whitespace-nowrap [&_svg]:size-3 [&_svg]:shrink-0',
  {
    variants: {
      tone: {
        neutral: 'border-line-strong/50 bg-ink/5 text-ink-muted',
        accent: 'border-accent/40 bg-accent/10 text-accent',
        ok: 'border-ok/40 bg-ok/10 text-ok',
        warn: 'border-medium/45 bg-medium/10 text-medium',
        danger: 'border-critical/45 bg-critical/10 text-critical',
        foreign: 'border-foreign/45 bg-foreign/10 text-foreign',
      },
    },
    defaultVariants: { tone: 'neutral' },
  },
);
export type BadgeTone = NonNullable<VariantProps<typeof badgeLook>['tone']>;

/**
 * A state in a word. The word carries the meaning; `tone` only helps to find it. Put an icon first
 * when the state matters to safety.
 */
export function Badge(props: {
  readonly tone?: BadgeTone;
  readonly className?: string;
  readonly children: ReactNode;
}) {
  return (
    <span className={classNames(badgeLook({ tone: props.tone }), props.className)}>
      {props.children}
    </span>
  );
}
