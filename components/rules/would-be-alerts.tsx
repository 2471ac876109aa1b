import { ArrowUpRight } from 'lucide-react';
import type { WouldBeAlert } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { formatCount } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';

/** What a rule would have opened alerts for, each leading to its first event. */
export function WouldBeAlerts(props: {
  readonly tenant: string;
  readonly label: string;
  readonly alerts: readonly WouldBeAlert[];
}) {
  if (props.alerts.length === 0) return null;
  return (
    <Table label={props.label} className="max-h-64 rounded border border-line">
      <thead>
        <HeadRow>
          <Head>First event</Head>
          <Head>Agent</Head>
          <Head align="end">Events</Head>
          <Head>
            <span className="sr-only">Open</span>
          </Head>
        </HeadRow>
      </thead>
      <tbody>
        {props.alerts.map((alert, index) => (
          <Row key={alert.eventId ?? index}>
            <Cell className="text-xs whitespace-nowrap">
              <Instant at={alert.firstAt} part="second" />
            </Cell>
            <Cell className="text-xs">{alert.agent ?? '–'}</Cell>
            <Cell align="end" className="text-xs tabular-nums">
              {formatCount(alert.count)}
            </Cell>
            <Cell align="end">
              {alert.traceId === null ? null : (
                <Link
                  href={links.trace(
                    props.tenant,
                    alert.traceId,
                    alert.eventId === null ? {} : { event: alert.eventId },
                  )}
                  className="inline-flex items-center gap-1 rounded text-xs whitespace-nowrap text-accent hover:underline"
                >
                  In the trace
                  <ArrowUpRight aria-hidden className="size-3" />
                </Link>
              )}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}
