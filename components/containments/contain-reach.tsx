'use client';

import { useQuery } from '@tanstack/react-query';
import { TriangleAlert } from 'lucide-react';
import type { ContainPreview } from '#server/containment/contain/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

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

function Reach({ preview }: { readonly preview: ContainPreview }) {
  const { credentials } = preview;
  return (
    <section aria-label="What it cuts" className="rounded border border-line bg-sunken">
      <dl className="grid grid-cols-5 divide-x divide-line border-b border-line max-sm:grid-cols-3 max-sm:divide-x-0">
        <Figure value={preview.liveLeases} name="live leases" />
        <Figure value={credentials.length} name="credentials" />
        <Figure value={preview.pendingActions} name="held, pending" />
        <Figure value={preview.livePermits} name="live permits" />
        <Figure value={preview.inFlight} name="in flight" />
      </dl>
      <div className="flex flex-col gap-2 px-3 py-2.5 text-xs">
        {credentials.length === 0 ? (
          <p className="text-ink-muted">
            It may take leases of no credential here. What it has from elsewhere is not known, and
            is not cut.
          </p>
        ) : (
          <ul aria-label="Credentials" className="flex max-h-40 flex-col gap-1.5 overflow-y-auto">
            {credentials.map((one) => (
              <li key={one.id}>
                <UntrustedInline text={one.name} charsMax={60} />
                <span className="block text-ink-muted">
                  {one.provider === null
                    ? 'no provider is known: somebody has to revoke it where it was made'
                    : `revoked at ${one.provider}`}
                  {one.isRevokeRequested ? '; is being revoked already' : ''}
                </span>
                {one.sharedWith.length === 0 ? null : (
                  <span className="flex gap-1.5 text-medium">
                    <TriangleAlert aria-hidden className="mt-0.5 size-3.5 shrink-0" />
                    {one.sharedWith.join(', ')} {one.sharedWith.length === 1 ? 'loses' : 'lose'} it
                    too
                  </span>
                )}
              </li>
            ))}
          </ul>
        )}
        <p className={preview.releasers === 0 ? 'text-medium' : 'text-ink-muted'}>
          {formatCounted(preview.releasers, 'person', 'people')} could release the agent again; what
          is revoked stays revoked.
        </p>
      </div>
    </section>
  );
}

/**
 * What containing an agent would cut, before it is asked for. It never holds the button up: while it
 * loads or when it fails, that works all the same, and this says so.
 */
export function ContainReach({ agent }: { readonly agent: string }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.containments.preview.queryOptions({ agent }, { retry: false, staleTime: 2_000 }),
  );
  if (query.data !== undefined) return <Reach preview={query.data} />;
  if (query.isPending) {
    return <SkeletonRows count={3} label="Counting what it reaches; you need not wait for it" />;
  }
  return (
    <p role="alert" className="text-sm text-medium">
      What it would reach could not be counted: {readProblem(query.error).sentence}
    </p>
  );
}
