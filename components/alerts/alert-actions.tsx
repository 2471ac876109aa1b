'use client';

import { useQuery } from '@tanstack/react-query';
import { ArrowUpRight } from 'lucide-react';
import type { AlertAction } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { CopyableId } from '../ui/copy-button.tsx';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { UntrustedInline, UntrustedText } from '../ui/untrusted-text.tsx';

const decided = { allow: 'allowed', hold: 'held for people', deny: 'denied' } as const;

function Action({ tenant, action }: { readonly tenant: string; readonly action: AlertAction }) {
  const { approvalId, traceId, falseBlock } = action;
  return (
    <li className="rounded border border-line px-3 py-2.5">
      <div className="flex flex-wrap items-baseline gap-x-3 gap-y-1 text-sm">
        <UntrustedInline text={action.tool} charsMax={60} />
        <span className="text-ink-muted">
          {decided[action.decision]} <Instant at={action.decidedAt} part="full" />
        </span>
        <CopyableId id={action.id} shown={`…${action.id.slice(-8)}`} label="Copy the action’s id" />
        <span className="ml-auto flex gap-3 text-xs">
          {approvalId === null ? null : (
            <Link href={links.approval(tenant, approvalId)} className="text-accent hover:underline">
              Its approval <ArrowUpRight aria-hidden className="inline size-3" />
            </Link>
          )}
          {traceId === null ? null : (
            <Link href={links.trace(tenant, traceId)} className="text-accent hover:underline">
              Its trace <ArrowUpRight aria-hidden className="inline size-3" />
            </Link>
          )}
        </span>
      </div>
      {falseBlock === null ? null : (
        <div className="mt-2">
          <p className="mb-1 text-xs text-ink-faint">
            Claimed by the agent, unverified: the denial was false.{' '}
            <Instant at={falseBlock.at} part="full" />
          </p>
          <UntrustedText label="What the agent says of its denial" text={falseBlock.reason} />
        </div>
      )}
    </li>
  );
}

/** The actions that an alert is about, with what the agent says of a denial. */
export function AlertActions(props: { readonly tenant: string; readonly alertId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.actions.queryOptions({ id: props.alertId }));
  if (query.data === undefined) {
    const words = query.isError ? 'This could not be loaded.' : 'Looking…';
    return <p className="text-sm text-ink-muted">{words}</p>;
  }
  if (query.data.items.length === 0) {
    return <p className="text-sm text-ink-muted">It names neither an event nor an action.</p>;
  }
  return (
    <ul className="flex flex-col gap-2">
      {query.data.items.map((action) => (
        <Action key={action.id} tenant={props.tenant} action={action} />
      ))}
    </ul>
  );
}
