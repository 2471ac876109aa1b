'use client';

import type { ReactNode } from 'react';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { readProblem } from '../trpc/read-problem.ts';
import { LoadMore } from '../ui/load-more.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { DeniedState } from '../ui/state-panel.tsx';

/** Of a paged list, what decides how it is drawn. TanStack's infinite query fits. */
export interface PagedQuery {
  readonly isPending: boolean;
  readonly isError: boolean;
  readonly error: unknown;
  readonly hasNextPage: boolean;
  readonly isFetchingNextPage: boolean;
  readonly isFetchNextPageError: boolean;
  readonly refetch: () => Promise<unknown>;
  readonly fetchNextPage: () => Promise<unknown>;
}

/** A paged list in each of its states: loading, refused, failed, empty, or `children` and more. */
export function ListState(props: {
  readonly query: PagedQuery;
  /** In the plural: "keys". */
  readonly noun: string;
  readonly count: number;
  readonly empty: ReactNode;
  /** The list; as a function it takes the end of the list and places it itself. */
  readonly children: ReactNode | ((footer: ReactNode) => ReactNode);
}) {
  const { query, noun, count } = props;
  if (query.isPending) return <SkeletonRows count={8} label={`Loading ${noun}`} />;
  if (count === 0 && query.isError) {
    const problem = readProblem(query.error);
    return problem.kind === 'denied' ? (
      <DeniedState title={`You may not see the ${noun}`}>{problem.sentence}</DeniedState>
    ) : (
      <LoadFailure noun={noun} query={query} />
    );
  }
  if (count === 0) return props.empty;
  const footer = (
    <LoadMore
      noun={noun}
      count={count}
      hasMore={query.hasNextPage}
      isLoading={query.isFetchingNextPage}
      onLoad={() => void query.fetchNextPage()}
      error={query.isFetchNextPageError ? readProblem(query.error).sentence : null}
    />
  );
  if (typeof props.children === 'function') return props.children(footer);
  return (
    <>
      {props.children}
      {footer}
    </>
  );
}
