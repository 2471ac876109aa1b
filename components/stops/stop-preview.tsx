'use client';

import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import type { StopPreview } from '#server/containment/contract.ts';
import type { StopScope } from '#server/gate/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { classNames } from '../ui/class-names.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { Skeleton } from '../ui/skeleton.tsx';
import { EnforcementClassBadge } from './enforcement-badge.tsx';
import { enforcementWords, formatBound } from './enforcement-words.ts';
import { boundSentence, liftSentence, orderClasses } from './prepare-preview.ts';

function Figure({ value, name }: { readonly value: number | null; readonly name: string }) {
  return (
    <div className="flex min-w-0 flex-col px-3 py-2">
      <dd className="order-first text-lg font-semibold tabular-nums">
        {value === null ? 'many' : formatCount(value)}
      </dd>
      <dt className="text-2xs text-ink-muted">{name}</dt>
    </div>
  );
}

function Classes({ classes }: Pick<StopPreview, 'classes'>) {
  const present = orderClasses(classes);
  if (present.length === 0) return null;
  return (
    <ul aria-label="By how surely they can be stopped" className="flex flex-col gap-1.5">
      {present.map((one) => (
        <li key={one.class} className="flex flex-wrap items-baseline gap-x-2 gap-y-0.5 text-xs">
          <span className="w-16 shrink-0 tabular-nums">{formatCounted(one.agents, 'agent')}</span>
          <EnforcementClassBadge name={one.class} />
          <span className={one.boundSeconds === null ? 'text-medium' : 'text-ink'}>
            {formatBound(one.boundSeconds)}
          </span>
          <span className="min-w-48 flex-1 text-ink-muted">
            {enforcementWords[one.class].means}
          </span>
        </li>
      ))}
    </ul>
  );
}

function PreviewBody({ preview }: { readonly preview: StopPreview }) {
  const lift = liftSentence(preview);
  return (
    <>
      <dl className="grid grid-cols-6 divide-x divide-line border-b border-line max-sm:grid-cols-3 max-sm:divide-x-0">
        <Figure
          value={preview.agents}
          name={`${preview.agents === 1 ? 'agent' : 'agents'}, ${formatCounted(preview.instances, 'instance')}`}
        />
        <Figure value={preview.inFlight} name="in flight" />
        <Figure value={preview.pendingApprovals} name="held, pending" />
        <Figure value={preview.livePermits} name="live permits" />
        <Figure value={preview.liveLeases} name="live leases" />
        <Figure value={preview.credentials} name="credentials" />
      </dl>
      <div className="flex flex-col gap-2.5 px-3 py-2.5">
        <p className="text-sm font-medium">{boundSentence(preview.classes)}</p>
        <Classes classes={preview.classes} />
        <p
          className={classNames(
            'flex gap-1.5 text-xs',
            lift.isShort ? 'text-medium' : 'text-ink-muted',
          )}
        >
          {lift.isShort ? <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" /> : null}
          <span>{lift.text}</span>
        </p>
      </div>
    </>
  );
}

/**
 * What a stop would reach and what it would not, before it goes out. It never holds the stop up: while
 * it loads or when it fails, the button below works all the same, and this says so.
 */
export function StopPreviewPanel({ scope }: { readonly scope: StopScope | null }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.stops.preview.queryOptions(
      { scope: scope ?? { kind: 'tenant' } },
      { enabled: scope !== null, staleTime: 2_000, retry: false },
    ),
  );
  const look = 'rounded border border-line bg-sunken';
  if (scope === null) {
    return <p className={`${look} px-3 py-2.5 text-sm text-ink-muted`}>Choose what to stop.</p>;
  }
  if (query.isPending) {
    return (
      <div className={`${look} px-3 py-2.5`} aria-busy>
        <p className="mb-2 text-xs text-ink-muted">
          Counting what it would reach; you need not wait for it.
        </p>
        <Skeleton className="h-8" />
      </div>
    );
  }
  if (query.isError) {
    return (
      <p role="alert" className={`${look} px-3 py-2.5 text-sm text-medium`}>
        What it would reach could not be counted: {readProblem(query.error).sentence}
      </p>
    );
  }
  return (
    <section aria-label="What it reaches" className={look}>
      <PreviewBody preview={query.data} />
    </section>
  );
}
