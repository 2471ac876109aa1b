'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import type { ActionChain as Chain } from '#server/actions/contract.ts';
import type { LiveBatch } from '#server/live/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useLiveRefetch } from '../live/use-live-refetch.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Badge } from '../ui/badge.tsx';
import { classNames } from '../ui/class-names.ts';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { chainSteps } from './prepare-chain.ts';

/** The telemetry of a call is joined by the worker, which tells nobody; events are the sign of it. */
const refetchMs = 2_000;
const mayConcern = (batch: LiveBatch) =>
  batch.control.length > 0 || batch.events.length > 0 || batch.eventsSkipped > 0;

/**
 * An action from what was asked to how it ended, as far as it is stored: decision, people, permit, redeem,
 * the telemetry of its call, outcome. What is missing is named.
 */
export function ActionChain(props: { readonly tenant: string; readonly actionId: string }) {
  const trpc = useTRPC();
  const [queryKeys] = useState(() => [trpc.actions.chain.pathKey()]);
  useLiveRefetch({ concerns: mayConcern, queryKeys, periodMs: refetchMs });
  const query = useQuery(trpc.actions.chain.queryOptions({ actionId: props.actionId }));
  if (query.isPending) return <SkeletonRows count={3} label="Loading what followed" />;
  const chain = query.data?.actions[0];
  if (chain === undefined) {
    return <p className="text-ink-muted">{readProblem(query.error).sentence}</p>;
  }
  return <ChainList tenant={props.tenant} chain={chain} />;
}

function ChainList({ tenant, chain }: { readonly tenant: string; readonly chain: Chain }) {
  return (
    <ol aria-label="Chain of the call" className="relative flex flex-col text-sm">
      {chainSteps(chain).map((step) => (
        <li
          key={step.key}
          className="grid grid-cols-[0.75rem_4.5rem_minmax(0,1fr)_auto] items-baseline gap-x-2.5 py-1"
        >
          <span
            aria-hidden
            className={classNames(
              'size-2 self-center rounded-full border',
              step.at === null ? 'border-line-strong' : 'border-accent bg-accent',
            )}
          />
          <span className="text-xs text-ink-faint">{step.name}</span>
          <span className={classNames('min-w-0', step.at === null && 'text-ink-muted')}>
            {step.key === 'call' && chain.call !== null ? (
              <Link
                href={links.trace(tenant, chain.call.traceId, { event: chain.call.eventId })}
                className="text-accent hover:underline"
              >
                {step.words}
              </Link>
            ) : step.isAmiss ? (
              <Badge tone="warn">{step.words}</Badge>
            ) : (
              step.words
            )}
          </span>
          {step.at === null ? (
            <span />
          ) : (
            <Instant at={step.at} part="time" className="text-xs text-ink-faint tabular-nums" />
          )}
        </li>
      ))}
    </ol>
  );
}
