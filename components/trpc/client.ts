'use client';

import {
  createTRPCClient,
  httpBatchLink,
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

/** The calls of one tenant's pages. A stream cannot set headers, so it names its tenant in the url. */
export function makeTrpcClient(tenant: string): TRPCClient<AppRouter> {
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (operation) => operation.type === 'subscription',
        true: httpSubscriptionLink({
          url: `/api/trpc?tenant=${encodeURIComponent(tenant)}`,
          transformer: superjson,
        }),
        false: httpBatchLink({
          url: '/api/trpc',
          transformer: superjson,
          maxURLLength: urlCharsMax,
          headers: { 'x-signalbox-tenant': tenant },
        }),
      }),
    ],
  });
}
