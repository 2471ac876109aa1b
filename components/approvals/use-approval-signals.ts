'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { z } from 'zod';
import type { approvalCountsSchema } from '#server/approvals/contract.ts';
import type { LiveBatch } from '#server/live/contract.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { useTRPC } from '../trpc/client.ts';
import { useIsBrowser } from '../ui/use-clock.ts';

type ApprovalCounts = z.infer<typeof approvalCountsSchema>;

/** At most so often approvals are read again while they keep changing. */
const refetchMs = 250;

const countsRefetchMs = 30_000;

const nouns: ReadonlySet<string> = new Set(['action', 'approval', 'question', 'stop']);

const concernsApprovals = (batch: LiveBatch) =>
  batch.control.some((change) => nouns.has(change.noun));

/**
 * How many requests wait, and on how many this person may vote. Once in the shell: it also asks anew for
 * everything about approvals when one is asked for, voted on, decided or frozen.
 */
export function useApprovalCounts(): ApprovalCounts | undefined {
  const trpc = useTRPC();
  const [queryKeys] = useState(() => [trpc.approvals.pathKey()]);
  useLiveRefetch({ concerns: concernsApprovals, queryKeys, periodMs: refetchMs });
  const isBrowser = useIsBrowser();
  // What only the clock ends sends no signal.
  const counts = useQuery(
    trpc.approvals.counts.queryOptions(undefined, { refetchInterval: countsRefetchMs }),
  ).data;
  // The server draws none, and the answer may be here before this part of the page is hydrated.
  return isBrowser ? counts : undefined;
}
