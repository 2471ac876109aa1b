import { ArrowUpRight } from 'lucide-react';
import Link from 'next/link';
import type { AlertDetail } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Badge } from '../ui/badge.tsx';
import { formatCount } from '../ui/format-quantity.ts';
import { Instant } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

/**
 * The events that took part, earliest first: each leads to its place in its trace. Says how many
 * there are beyond those that are kept.
 */
export function AlertEvidence(props: { readonly tenant: string; readonly alert: AlertDetail }) {
  const { evidence, count } = props.alert;
  return (
    <>
      <Table label="Evidence" className="rounded border border-line">
        <thead>
          <HeadRow>
            <Head>When (agent’s clock)</Head>
            <Head>Kind</Head>
            <Head>Name</Head>
            <Head>Agent</Head>
            <Head>
              <span className="sr-only">Open</span>
            </Head>
          </HeadRow>
        </thead>
        <tbody>
          {evidence.map((event) => (
            <Row key={`${event.eventId} ${event.traceId}`}>
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
              <Cell>
                {event.name === null ? '–' : <UntrustedInline text={event.name} charsMax={60} />}
              </Cell>
              <Cell className="text-xs whitespace-nowrap">{event.agent}</Cell>
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
          ))}
        </tbody>
      </Table>
      {count > evidence.length ? (
        <p className="mt-2 text-xs text-ink-faint">
          {formatCount(count)} events took part; the first {formatCount(evidence.length)} are kept
          as evidence.
        </p>
      ) : null}
    </>
  );
}
