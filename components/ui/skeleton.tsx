import { classNames } from './class-names.ts';

/** The place of something that is loading; give it the size of what will come. */
export function Skeleton({ className }: { readonly className?: string }) {
  return (
    <span
      aria-hidden
      className={classNames('block h-4 w-full animate-pulse rounded bg-ink/8', className)}
    />
  );
}

const widths = ['w-3/5', 'w-4/5', 'w-2/5', 'w-3/4', 'w-1/2'] as const;

/** Rows of a list that is loading; says so once to screen readers. */
export function SkeletonRows(props: { readonly count: number; readonly label: string }) {
  return (
    <output aria-label={props.label} className="flex w-full flex-col">
      {Array.from({ length: props.count }, (_, index) => (
        <span
          key={index}
          className="flex min-h-(--row) items-center gap-3 border-b border-line px-4"
        >
          <Skeleton className="size-3 shrink-0" />
          <Skeleton className={classNames('h-3', widths[index % widths.length])} />
        </span>
      ))}
    </output>
  );
}
