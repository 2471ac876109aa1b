'use client';

import {
  createTRPCClient,
  httpBatchLink,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
} from '@trpc/client';
import { createTRPCContext } from '@trpc/tanstack-react-query';
import superjson from 'superjson';
import type { AppRouter } from '#server/trpc/root.ts';

/** `useTRPC()` gives typed options for TanStack Query: `useQuery(trpc.audit.list.queryOptions({…}))`. */
export const { TRPCProvider, useTRPC, useTRPCClient } = createTRPCContext<AppRouter>();

/** Longer batches are split: proxies refuse long addresses. */
const urlCharsMax = 4_000;

/** Calls that wait for nothing else: not for others of their batch, nor behind them in the browser. */
const urgentCalls: ReadonlySet<string> = new Set(['stops.place']);

/**
 * Sends ahead of what waits for one of the browser's six connections, and goes on when the tab is
 * closed meanwhile: who has held the button has stopped.
 */
const fetchUrgently: typeof fetch = (input, init) =>
  fetch(input, { ...init, priority: 'high', keepalive: true });

/** The calls of one tenant's pages. A stream cannot set headers, so it names its tenant in the url. */
export function makeTrpcClient(tenant: string): TRPCClient<AppRouter> {
  const shared = {
    url: '/api/trpc',
    transformer: superjson,
    headers: { 'x-signalbox-tenant': tenant },
  } as const;
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url: `/api/trpc?tenant=${encodeURIComponent(tenant)}`,
          transformer: superjson,
        }),
        false: splitLink({
          condition: (operation) => urgentCalls.has(operation.path),
          true: httpLink({ ...shared, fetch: fetchUrgently }),
          false: httpBatchLink({ ...shared, maxURLLength: urlCharsMax }),
        }),
      }),
    ],
  });
}
