import type { Delivery } from '#server/notifications/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Button } from '../ui/button.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { eventWords } from './channel-words.ts';
import { DeliveryStateBadge } from './delivery-state-badge.tsx';

/** How a delivery is sent again. `refusal`: why this person may not. */
export interface Retry {
  readonly refusal: string | null;
  /** The delivery that is being sent again; null for none. */
  readonly busyId: string | null;
  readonly onRetry: (delivery: Delivery) => void;
}

/** What was sent, latest first. In an alert's own pane its title and deeds would only be in the way. */
export function DeliveryTable(props: {
  readonly tenant: string;
  readonly label: string;
  readonly deliveries: readonly Delivery[];
  /** Null in the pane of one alert. */
  readonly retry: Retry | null;
}) {
  const { tenant, retry } = props;
  const isOfOneAlert = retry === null;
  return (
    <Table label={props.label}>
      <thead>
        <HeadRow>
          <Head>State</Head>
          {retry === null ? null : <Head>What</Head>}
          <Head className={isOfOneAlert ? '' : 'max-md:hidden'}>Channel</Head>
          <Head className="max-md:hidden">Last attempt</Head>
          <Head className="max-lg:hidden">Since</Head>
          {retry === null ? null : (
            <Head align="end">
              <span className="sr-only">Actions</span>
            </Head>
          )}
        </HeadRow>
      </thead>
      <tbody>
        {props.deliveries.map((delivery) => (
          <Row key={delivery.id}>
            <Cell className="whitespace-nowrap">
              <DeliveryStateBadge state={delivery.state} />
            </Cell>
            {retry === null ? null : (
              <Cell className="min-w-0 break-words">
                <WhatOf tenant={tenant} delivery={delivery} />
                <Below delivery={delivery} isNamed />
              </Cell>
            )}
            <Cell className={isOfOneAlert ? 'break-words' : 'break-words max-md:hidden'}>
              {delivery.channel}
              {isOfOneAlert ? <Below delivery={delivery} isNamed={false} /> : null}
            </Cell>
            <Cell className="text-xs wrap-anywhere text-ink-muted max-md:hidden">
              <LastAttempt delivery={delivery} />
            </Cell>
            <Cell className="text-xs whitespace-nowrap text-ink-muted max-lg:hidden">
              <RelativeTime at={delivery.createdAt} />
            </Cell>
            {retry === null ? null : (
              <Cell align="end">
                {delivery.state === 'confirmed' ? null : (
                  <Button
                    size="sm"
                    disabledReason={retry.refusal}
                    isBusy={retry.busyId === delivery.id}
                    aria-label={`Send again: ${titleOf(delivery)} to ${delivery.channel}`}
                    onClick={() => retry.onRetry(delivery)}
                  >
                    Send again
                  </Button>
                )}
              </Cell>
            )}
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** On a narrow screen, in one line below, what has no column of its own there. */
function Below(props: { readonly delivery: Delivery; readonly isNamed: boolean }) {
  const { delivery } = props;
  return (
    <span className="mt-1 block text-xs wrap-anywhere text-ink-muted md:hidden">
      {props.isNamed ? `${delivery.channel}: ` : null}
      <LastAttempt delivery={delivery} />
    </span>
  );
}

/** What it tells, in words. */
function titleOf({ alert, event }: Delivery): string {
  if (alert !== null) return alert.title;
  return event === null ? 'Test of the channel' : `${eventWords[event.type]}: ${event.subject}`;
}

function WhatOf({ tenant, delivery }: { readonly tenant: string; readonly delivery: Delivery }) {
  if (delivery.alert === null) return <span className="text-ink-muted">{titleOf(delivery)}</span>;
  return (
    <span className="flex flex-wrap items-center gap-x-2 gap-y-1">
      <Severity level={delivery.alert.severity} />
      <Link href={links.alert(tenant, delivery.alert.id)} className="hover:underline">
        {delivery.alert.title}
      </Link>
    </span>
  );
}

/** How the last attempt went, and when the next one is. */
function LastAttempt({ delivery }: { readonly delivery: Delivery }) {
  const { attempts, lastAnswer, state, nextAt, confirmedAt } = delivery;
  return (
    <>
      {lastAnswer ?? 'not tried yet'}
      {attempts > 1 ? `, ${formatCounted(attempts, 'attempt')}` : null}
      {state === 'unconfirmed' && attempts > 0 && nextAt !== null ? (
        <>
          , next <RelativeTime at={nextAt} />
        </>
      ) : null}
      {confirmedAt === null ? null : (
        <>
          , <RelativeTime at={confirmedAt} />
        </>
      )}
    </>
  );
}
