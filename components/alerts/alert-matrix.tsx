'use client';

import { useQuery } from '@tanstack/react-query';
import type { AlertFilters, AlertMatrix as Matrix } from '#server/detection/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { classNames } from '../ui/class-names.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { prepareHeat } from './prepare-heat.ts';

type Cell = Matrix['taxonomies'][number]['cells'][number];

function MatrixCell(props: { readonly cell: Cell; readonly most: number; readonly href: string }) {
  const { cell } = props;
  const heat = prepareHeat(cell.alerts, props.most);
  // On a tint the muted ink would be too faint to read.
  const small = heat === 0 ? 'text-ink-muted' : 'text-ink';
  return (
    <Link
      href={props.href}
      className="flex h-full min-h-20 flex-col rounded border border-line px-2.5 py-2 transition-colors hover:border-line-strong"
      style={
        heat === 0
          ? undefined
          : {
              backgroundColor: `color-mix(in oklab, var(--color-high-fill) ${heat}%, transparent)`,
            }
      }
    >
      <span className="flex items-baseline justify-between gap-2">
        <span className={classNames('font-mono text-2xs', small)}>{cell.label}</span>
        <span
          className={
            cell.alerts === 0
              ? 'text-xs text-ink-faint tabular-nums'
              : 'text-md font-semibold tabular-nums'
          }
        >
          {formatCount(cell.alerts)}
          <span className="sr-only"> alerts</span>
        </span>
      </span>
      <span className="mt-0.5 text-xs leading-snug text-balance">{cell.title}</span>
      <span className={classNames('mt-auto pt-1 text-2xs', small)}>
        {cell.rules === 0 ? 'no rule watches' : `${formatCounted(cell.rules, 'rule')}`}
      </span>
    </Link>
  );
}

/**
 * The alerts of the filters by what they are known as, tinted by their number; each cell leads to the
 * list that counts to it. What no rule watches says so: quiet is not the same as unwatched.
 */
export function AlertMatrix(props: {
  readonly filters: AlertFilters;
  readonly hrefOf: (label: string) => string;
}) {
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.matrix.queryOptions(props.filters));
  if (query.isPending) return <SkeletonRows count={10} label="Loading the matrix" />;
  if (query.isError) {
    return <LoadFailure noun="matrix" query={query} />;
  }
  const { taxonomies } = query.data;
  const most = Math.max(1, ...taxonomies.flatMap(({ cells }) => cells.map((cell) => cell.alerts)));
  return (
    <div className="flex min-h-0 flex-1 flex-col gap-6 overflow-y-auto px-4 py-4">
      {taxonomies.map(({ scheme, version, cells }) => (
        <section key={scheme} aria-label={`${scheme} ${version}`}>
          <h2 className="mb-2 text-xs font-semibold text-ink-muted">
            {scheme} <span className="font-normal text-ink-faint">{version}</span>
          </h2>
          <ul className="grid grid-cols-[repeat(auto-fill,minmax(11rem,1fr))] gap-1.5">
            {cells.map((cell) => (
              <li key={cell.label}>
                <MatrixCell cell={cell} most={most} href={props.hrefOf(cell.label)} />
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
