'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { LiveBatch } from '#server/live/contract.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { useTRPC } from '../trpc/client.ts';

/** While a stop stands, how far it reached is read this often: instances go quiet without a signal. */
export const ladderRefetchMs = 2_000;
const bannerRefetchMs = 5_000;
/** At most so often when a signal comes. */
const signalRefetchMs = 200;

const concernsStops = (batch: LiveBatch) => batch.control.some((change) => change.noun === 'stop');

/** Stops that stand, newest first, with how far each one reached; told by signals, checked by time. */
export function useStandingStops() {
  const trpc = useTRPC();
  return useQuery(
    trpc.stops.standing.queryOptions(undefined, {
      refetchInterval: (query) => ((query.state.data?.length ?? 0) > 0 ? bannerRefetchMs : false),
    }),
  );
}

/** Asks anew for everything about stops when one is placed, lifted or answered. Once in the shell. */
export function useStopSignals(): void {
  const trpc = useTRPC();
  const [queryKeys] = useState(() => [trpc.stops.pathKey()]);
  useLiveRefetch({ concerns: concernsStops, queryKeys, periodMs: signalRefetchMs });
}
