'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { deliveriesPollMs } from './deliveries-poll.ts';
import { DeliveryTable } from './delivery-table.tsx';

/** To which channels an alert was sent, and whether they have it. */
export function AlertDeliveries(props: { readonly tenant: string; readonly alertId: string }) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.channels.deliveries.queryOptions(
      { alertId: props.alertId },
      { refetchInterval: ({ state }) => deliveriesPollMs(state.data?.items) },
    ),
  );
  if (query.data === undefined) {
    const words = query.isError ? 'This could not be loaded.' : 'Looking…';
    return <p className="text-sm text-ink-muted">{words}</p>;
  }
  if (query.data.items.length === 0) {
    return <p className="text-sm text-ink-muted">Sent to no channel.</p>;
  }
  return (
    <DeliveryTable
      tenant={props.tenant}
      label="Deliveries of this alert, latest first"
      deliveries={query.data.items}
      retry={null}
    />
  );
}
