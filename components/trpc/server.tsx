import {
  dehydrate,
  HydrationBoundary,
  type QueryClient,
  type QueryKey,
} from '@tanstack/react-query';
import { createTRPCClient } from '@trpc/client';
import { createTRPCOptionsProxy } from '@trpc/tanstack-react-query';
import { cache, type ReactNode } from 'react';
import type { AppRouter } from '#server/trpc/root.ts';
import { makeQueryClient } from './make-query-client.ts';

/** The cache of this request; what it holds travels to the browser with `HydrateClient`. */
export const getQueryClient = cache((): QueryClient => makeQueryClient(() => undefined));

/**
 * Names of queries, as the browser knows them: a page asks the module directly and files the answer
 * under the name by which the component will look for it. It has no link and can call nothing.
 */
export const pageTrpc = createTRPCOptionsProxy<AppRouter>({
  client: createTRPCClient<AppRouter>({ links: [] }),
  queryClient: getQueryClient,
});

/**
 * Answers a query of the component below before the page is drawn; await it, together with others.
 * `await prefetch(pageTrpc.audit.list.queryKey(input), () => listAudit(ctx, input))`
 * A failure is left to the component, which asks again and shows what it is told.
 */
export function prefetch(queryKey: QueryKey, read: () => Promise<unknown>): Promise<void> {
  return getQueryClient().prefetchQuery({ queryKey, queryFn: read });
}

/**
 * The same for the first page of a list that is loaded in pages.
 * `await prefetchPages(pageTrpc.alerts.list.infiniteQueryKey(input), () => listAlerts(ctx, input))`
 */
export function prefetchPages(queryKey: QueryKey, read: () => Promise<unknown>): Promise<void> {
  return getQueryClient().prefetchInfiniteQuery({
    queryKey,
    queryFn: read,
    initialPageParam: null,
  });
}

/** Hands what was prefetched to the browser; wrap the page's component in it. */
export function HydrateClient({ children }: { readonly children: ReactNode }) {
  return <HydrationBoundary state={dehydrate(getQueryClient())}>{children}</HydrationBoundary>;
}
