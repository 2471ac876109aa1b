'use client';

import { ArrowUpRight } from 'lucide-react';
import { useState } from 'react';
import type { AlertDetail } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

type Evidence = AlertDetail['evidence'][number];

/** Rows at first: what follows the evidence should stay in reach. */
const firstRows = 8;

function EvidenceRow(props: {
  readonly tenant: string;
  readonly event: Evidence;
  readonly hasAgent: boolean;
}) {
  const { event } = props;
  return (
    <Row>
      <Cell className="text-xs whitespace-nowrap">
        <Instant at={event.at} part="full" />
      </Cell>
      <Cell className="text-xs whitespace-nowrap text-ink-muted">
        {event.kind.replaceAll('_', ' ')}
        {event.isLate ? (
          <Badge tone="warn" className="ml-2">
            late
          </Badge>
        ) : null}
      </Cell>
      <Cell>{event.name === null ? '–' : <UntrustedInline text={event.name} charsMax={60} />}</Cell>
      {props.hasAgent ? <Cell className="text-xs whitespace-nowrap">{event.agent}</Cell> : null}
      <Cell align="end">
        <Link
          href={links.trace(props.tenant, event.traceId, { event: event.eventId })}
          className="inline-flex items-center gap-1 rounded text-xs whitespace-nowrap text-accent hover:underline"
        >
          In the trace
          <ArrowUpRight aria-hidden className="size-3" />
        </Link>
      </Cell>
    </Row>
  );
}

/**
 * The events that took part, earliest first: each leads to its place in its trace. Says how many
 * there are beyond those that are kept.
 */
export function AlertEvidence(props: { readonly tenant: string; readonly alert: AlertDetail }) {
  const { evidence, count, agent } = props.alert;
  const [isWhole, setIsWhole] = useState(false);
  const hasAgent = evidence.some((event) => event.agent !== agent);
  const shown = isWhole ? evidence : evidence.slice(0, firstRows);
  return (
    <>
      <Table label="Evidence" className="rounded border border-line">
        <thead>
          <HeadRow>
            <Head>When (agent’s clock)</Head>
            <Head>Kind</Head>
            <Head>Name</Head>
            {hasAgent ? <Head>Agent</Head> : null}
            <Head>
              <span className="sr-only">Open</span>
            </Head>
          </HeadRow>
        </thead>
        <tbody>
          {shown.map((event) => (
            <EvidenceRow
              key={`${event.eventId} ${event.traceId}`}
              tenant={props.tenant}
              event={event}
              hasAgent={hasAgent}
            />
          ))}
        </tbody>
      </Table>
      <div className="mt-2 flex flex-wrap items-center gap-3 text-xs text-ink-faint">
        {evidence.length > firstRows ? (
          <Button size="sm" onClick={() => setIsWhole(!isWhole)}>
            {isWhole ? `Show the first ${firstRows}` : `Show all ${formatCount(evidence.length)}`}
          </Button>
        ) : null}
        {count > evidence.length ? (
          <p>
            {formatCount(count)} events took part; the first {formatCount(evidence.length)} are kept
            as evidence.
          </p>
        ) : null}
      </div>
    </>
  );
}
