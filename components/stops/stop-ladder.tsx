'use client';

import type { StopDetail } from '#server/containment/contract.ts';
import { links } from '#server/kernel/links.ts';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { StepBadge } from './step-badge.tsx';

/** One line for each running copy of an agent: how far its stop is proven, and by what. */
export function StopLadder(props: { readonly tenant: string; readonly stop: StopDetail }) {
  const { ladder, more, resuming } = props.stop;
  const isOneFree = resuming?.resumptions.some((one) => one.endedAt === null) ?? false;
  if (ladder.length === 0) {
    return (
      <p className="text-sm text-ink-muted">
        No instance of an agent in its scope is known, so nothing can be confirmed of them. Whoever
        asks is refused all the same{isOneFree ? ', but for the agent that goes first' : ''}.
      </p>
    );
  }
  return (
    <div className="flex flex-col gap-1.5">
      <Table label="Ladder" className="max-h-[28rem] rounded border border-line">
        <thead>
          <HeadRow>
            <Head>Agent and instance</Head>
            <Head>Step</Head>
            <Head>Evidence</Head>
            <Head align="end">In flight</Head>
            <Head align="end">Last seen</Head>
          </HeadRow>
        </thead>
        <tbody>
          {ladder.map((row) => (
            <Row key={`${row.agentId} ${row.instanceId}`}>
              <Cell className="min-w-44 align-top">
                <Link
                  href={links.agent(props.tenant, row.agent)}
                  className="font-medium hover:underline"
                >
                  {row.agent}
                </Link>
                <span className="block text-xs">
                  {row.instanceId === '-' ? (
                    <span className="text-ink-faint">names no instance</span>
                  ) : (
                    <UntrustedInline text={row.instanceId} charsMax={40} />
                  )}
                </span>
              </Cell>
              <Cell className="align-top">
                <StepBadge step={row.step} />
              </Cell>
              <Cell className="min-w-56 align-top text-xs text-pretty text-ink-muted">
                {row.evidence}
              </Cell>
              <Cell align="end" className="align-top text-xs">
                {row.inFlight === null ? 'unknown' : formatCount(row.inFlight)}
              </Cell>
              <Cell align="end" className="align-top text-xs whitespace-nowrap">
                {row.lastSeenAt === null ? 'never' : <RelativeTime at={row.lastSeenAt} />}
              </Cell>
            </Row>
          ))}
        </tbody>
      </Table>
      {more === 0 ? null : (
        <p className="text-xs text-ink-muted">
          and {formatCounted(more, 'instance')} more, counted above.
        </p>
      )}
    </div>
  );
}
