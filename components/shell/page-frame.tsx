import { ChevronRight } from 'lucide-react';
import type { ReactNode } from 'react';
import { classNames } from '../ui/class-names.ts';
import { Link } from '../ui/link.tsx';

export interface Breadcrumb {
  readonly label: ReactNode;
  readonly href: string;
}

/**
 * The frame of one page: its heading, where it lies, what can be done here. `isFlush` lets the
 * content fill the rest of the window and scroll by itself (lists, split panes); otherwise the page
 * scrolls as a whole and its content keeps a readable width.
 */
export function PageFrame(props: {
  readonly title: ReactNode;
  readonly breadcrumbs?: readonly Breadcrumb[];
  readonly actions?: ReactNode;
  readonly isFlush?: boolean;
  readonly children: ReactNode;
}) {
  const isFlush = props.isFlush ?? false;
  return (
    <div className="flex min-h-0 flex-1 flex-col">
      <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-4 gap-y-2 border-b border-line px-4 py-2">
        <div className="flex min-w-0 flex-1 items-center gap-1.5">
          {props.breadcrumbs?.map((crumb) => (
            <span key={crumb.href} className="flex shrink-0 items-center gap-1.5 text-ink-muted">
              <Link href={crumb.href} className="rounded hover:text-ink hover:underline">
                {crumb.label}
              </Link>
              <ChevronRight aria-hidden className="size-3.5 text-ink-faint" />
            </span>
          ))}
          <h1 className="truncate text-md font-semibold tracking-tight">{props.title}</h1>
        </div>
        {props.actions === undefined ? null : (
          <div className="flex flex-wrap items-center gap-2">{props.actions}</div>
        )}
      </header>
      <div
        className={classNames(
          'flex min-h-0 flex-1 flex-col',
          !isFlush && 'overflow-y-auto px-4 py-5',
        )}
      >
        {props.children}
      </div>
    </div>
  );
}
