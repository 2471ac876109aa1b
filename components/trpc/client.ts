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

/**
 * What changes something goes by itself and ahead of what only reads: a batch is sent in a later task
 * of the browser, after it has drawn the button's sign of work.
 */
const fetchSoon: typeof fetch = (input, init) => fetch(input, { ...init, priority: 'high' });

/** Calls that go on when the tab is closed meanwhile. Not all: such a body is bounded to 64 kB. */
const urgentCalls: ReadonlySet<string> = new Set(['stops.place']);

/** Who has held the button of a stop has stopped, whatever becomes of the tab. */
const fetchUrgently: typeof fetch = (input, init) => fetchSoon(input, { ...init, keepalive: true });

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
          condition: (operation) => operation.type === 'query',
          true: httpBatchLink({ ...shared, maxURLLength: urlCharsMax }),
          false: splitLink({
            condition: (operation) => urgentCalls.has(operation.path),
            true: httpLink({ ...shared, fetch: fetchUrgently }),
            false: httpLink({ ...shared, fetch: fetchSoon }),
          }),
        }),
      }),
    ],
  });
}
