'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { Download } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type {
  Containment,
  ContainmentItem,
  ItemKind,
} from '#server/containment/contain/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { ContainmentBadge, ItemBadge } from './containment-badges.tsx';
import { useContainmentRules } from './containment-rules.tsx';

const ReleaseForm = dynamic(() => import('./release-form.tsx').then((parts) => parts.ReleaseForm), {
  loading: () => null,
});

const refetchMs = 1_500;

const kindWords: Readonly<Record<ItemKind, string>> = {
  stop: 'Stop',
  lock: 'Lock',
  evidence: 'Evidence',
  leases: 'Leases',
  credential: 'Credential',
  instances: 'Instances',
};

function Item({ tenant, item }: { readonly tenant: string; readonly item: ContainmentItem }) {
  return (
    <li className="flex flex-wrap items-baseline gap-x-3 gap-y-1 border-line px-3 py-2 not-first:border-t">
      <span className="w-40 shrink-0 text-sm font-medium max-sm:flex-1">
        {item.credentialId === null ? (
          kindWords[item.kind]
        ) : (
          <Link href={links.credential(tenant, item.credentialId)} className="hover:underline">
            <UntrustedInline text={item.name} charsMax={40} />
          </Link>
        )}
      </span>
      <span className="w-32 shrink-0">
        <ItemBadge state={item.state} />
      </span>
      <span className="min-w-56 flex-1 text-xs text-pretty text-ink-muted">{item.evidence}</span>
    </li>
  );
}

const evidenceWords: readonly (readonly [string, string, string])[] = [
  ['instances', 'instance', 'instances'],
  ['leases', 'lease', 'leases'],
  ['credentials', 'credential', 'credentials'],
  ['pendingActions', 'held request', 'held requests'],
  ['openPermits', 'open permit', 'open permits'],
  ['latestEvents', 'late event', 'late events'],
];

function Evidence(props: {
  readonly tenant: string;
  readonly containmentId: string;
  readonly evidence: NonNullable<Containment['evidence']>;
}) {
  const { evidence } = props;
  const { evidenceRefusal } = useContainmentRules();
  const held = evidenceWords
    .filter(([name]) => (evidence.counts[name] ?? 0) > 0)
    .map(([name, one, many]) => formatCounted(evidence.counts[name] ?? 0, one, many));
  return (
    <div className="flex flex-wrap items-center gap-x-2 text-xs text-ink-muted">
      <span>Held as evidence: {held.length === 0 ? 'where the log stood' : held.join(', ')}.</span>
      <CopyableId id={evidence.digest} shown={`SHA-256 ${evidence.digest.slice(0, 8)}…`} />
      <Button
        size="sm"
        disabledReason={evidenceRefusal}
        {...(evidenceRefusal === null
          ? {
              render: (
                <a download href={links.evidence(props.tenant, props.containmentId)}>
                  <Download aria-hidden />
                  Download the evidence
                </a>
              ),
            }
          : {})}
      >
        <Download aria-hidden />
        Download the evidence
      </Button>
    </div>
  );
}

function Body({ tenant, one }: { readonly tenant: string; readonly one: Containment }) {
  const rules = useContainmentRules();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [isReleasing, setIsReleasing] = useState(false);
  const confirm = useMutation(
    trpc.containments.confirm.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.containments.pathKey() }),
    }),
  );
  return (
    <div className="flex flex-col gap-2.5">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1 text-xs text-ink-muted">
        <ContainmentBadge state={one.state} />
        <span className="tabular-nums">
          {formatCount(one.proven)} of {formatCount(one.items.length)} proven
        </span>
        <span>
          by {one.requestedBy}, <RelativeTime at={one.requestedAt} />: {one.reason}
        </span>
      </div>
      <ol aria-label="What is proven of it" className="rounded border border-line">
        {one.items.map((item) => (
          <Item key={`${item.kind} ${item.credentialId ?? ''}`} tenant={tenant} item={item} />
        ))}
      </ol>
      {one.evidence === null ? null : (
        <Evidence tenant={tenant} containmentId={one.id} evidence={one.evidence} />
      )}
      {one.state === 'released' && one.releasedBy !== null && one.releasedAt !== null ? (
        <p className="text-sm text-ink-muted">
          Released by {one.releasedBy}, <RelativeTime at={one.releasedAt} />. What was revoked stays
          revoked.
        </p>
      ) : null}
      {confirm.isError ? (
        <p role="alert" className="text-sm text-critical">
          {readProblem(confirm.error).sentence}
        </p>
      ) : null}
      {one.state === 'released' ? null : (
        <div className="flex flex-wrap gap-2">
          {one.state === 'person' ? (
            <Button
              look="danger"
              size="sm"
              isBusy={confirm.isPending}
              disabledReason={rules.confirmRefusal}
              onClick={() => confirm.mutate({ id: one.id })}
            >
              {one.confirmedBy === null ? 'Cut the credentials' : 'Cut what came since'}
            </Button>
          ) : null}
          {one.agent === null ? null : (
            <Button
              size="sm"
              disabledReason={rules.releaseRefusal}
              onClick={() => setIsReleasing(true)}
            >
              Release…
            </Button>
          )}
        </div>
      )}
      {isReleasing && one.agent !== null ? (
        <ReleaseForm id={one.id} agent={one.agent.slug} onClose={() => setIsReleasing(false)} />
      ) : null}
    </div>
  );
}

/** The containment of an agent or of a stop, item by item, as it is now; nothing where there is none. */
export function ContainmentPanel(props: {
  readonly tenant: string;
  readonly of: { readonly agent: string } | { readonly stopId: string };
}) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.containments.find.queryOptions(props.of, {
      refetchInterval: ({ state }) =>
        state.data === null || state.data?.state === 'released' ? false : refetchMs,
    }),
  );
  if (query.data === undefined) {
    return query.isError ? (
      <p role="alert" className="text-sm text-medium">
        What is contained could not be read: {readProblem(query.error).sentence}
      </p>
    ) : null;
  }
  return query.data === null ? null : (
    <section aria-label="Containment" className="flex flex-col gap-1.5">
      <Body tenant={props.tenant} one={query.data} />
    </section>
  );
}
