import type { ReactNode } from 'react';
import { classNames } from './class-names.ts';

/**
 * One figure with its name and what it leads to. `value` carries its unit. `children` is a line
 * under it: since when, compared to what.
 */
export function Stat(props: {
  readonly label: string;
  readonly value: ReactNode;
  readonly href?: string;
  readonly children?: ReactNode;
  readonly className?: string;
}) {
  const body = (
    <>
      <span className="text-xs text-ink-muted">{props.label}</span>
      <span className="text-xl font-semibold tracking-tight tabular-nums">{props.value}</span>
      {props.children === undefined ? null : (
        <span className="min-h-4 text-xs text-ink-faint">{props.children}</span>
      )}
    </>
  );
  const look = classNames('flex min-w-0 flex-col gap-0.5 px-4 py-3', props.className);
  return props.href === undefined ? (
    <div className={look}>{body}</div>
  ) : (
    <a
      href={props.href}
      className={classNames(look, '-outline-offset-2 transition-colors hover:bg-ink/4')}
    >
      {body}
    </a>
  );
}
