import { CloudOff, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

const looks = {
  note: { className: 'border-accent/30 bg-accent/8 text-ink', Icon: Info, icon: 'text-accent' },
  warn: {
    className: 'border-medium/35 bg-medium/10 text-ink',
    Icon: TriangleAlert,
    icon: 'text-medium',
  },
  danger: {
    className: 'border-critical/40 bg-critical/12 text-ink',
    Icon: TriangleAlert,
    icon: 'text-critical',
  },
} as const;

/** A standing fact about everything below it. `danger` is announced at once. */
export function Banner(props: {
  readonly tone: keyof typeof looks;
  readonly children: ReactNode;
  readonly action?: ReactNode;
  readonly className?: string;
}) {
  const { className, Icon, icon } = looks[props.tone];
  return (
    <div
      role={props.tone === 'danger' ? 'alert' : 'status'}
      className={classNames(
        'flex min-h-9 items-center gap-2 border-b px-4 py-1.5 text-sm',
        className,
        props.className,
      )}
    >
      <Icon aria-hidden className={classNames('size-4 shrink-0', icon)} />
      <div className="min-w-0 flex-1">{props.children}</div>
      {props.action}
    </div>
  );
}

/** What is shown below was true at `since` and may not be now; the reason is the child. */
export function StaleBanner(props: {
  readonly since: ReactNode;
  readonly children: ReactNode;
  readonly action?: ReactNode;
}) {
  return (
    <output className="flex min-h-8 items-center gap-2 border-b border-line bg-sunken px-4 py-1 text-xs text-ink-muted">
      <CloudOff aria-hidden className="size-3.5 shrink-0" />
      <span className="min-w-0 flex-1">
        {props.children} Shown as of {props.since}.
      </span>
      {props.action}
    </output>
  );
}
