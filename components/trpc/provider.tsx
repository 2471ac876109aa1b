'use client';

import { QueryClientProvider } from '@tanstack/react-query';
import { useState, type ReactNode } from 'react';
import { links } from '#server/kernel/links.ts';
import { LiveProvider } from '../live/live-provider.tsx';
import { makeTrpcClient, TRPCProvider } from './client.ts';
import { makeQueryClient } from './make-query-client.ts';
import { makeOpenLiveStream } from './open-live-stream.ts';

function leaveForSignIn(): void {
  location.assign(links.signIn(`${location.pathname}${location.search}`));
}

/**
 * Calls, cache and live stream of one tenant's pages. Mounted by the tenant's layout; another tenant
 * is another document, so nothing cached here outlives it.
 * @param personId keeps people who share a browser off each other's stream
 */
export function TenantProvider(props: {
  readonly tenant: string;
  readonly personId: string;
  readonly children: ReactNode;
}) {
  const { tenant, personId } = props;
  const [queryClient] = useState(() => makeQueryClient(leaveForSignIn));
  const [trpcClient] = useState(() => makeTrpcClient(tenant));
  const [openStream] = useState(() => makeOpenLiveStream(trpcClient, tenant));
  return (
    <QueryClientProvider client={queryClient}>
      <TRPCProvider trpcClient={trpcClient} queryClient={queryClient}>
        <LiveProvider name={`${tenant}/${personId}`} openStream={openStream}>
          {props.children}
        </LiveProvider>
      </TRPCProvider>
    </QueryClientProvider>
  );
}
