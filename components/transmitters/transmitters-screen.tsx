'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus, RadioTower } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { Transmitter } from '#server/notifications/receive/contract.ts';
import { ListLoading } from '../settings/list-loading.tsx';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { ReceivedEventTable } from './received-event-table.tsx';
import { TransmitterTable } from './transmitter-table.tsx';

const AddTransmitterForm = dynamic(
  () => import('./add-transmitter-form.tsx').then((parts) => parts.AddTransmitterForm),
  { loading: () => null },
);
const RemoveTransmitterForm = dynamic(
  () => import('./remove-transmitter-form.tsx').then((parts) => parts.RemoveTransmitterForm),
  { loading: () => null },
);

/** How soon the lists are asked for again: no stream tells of them. Milliseconds. */
const pollMs = 10_000;

/** Whose security events are believed, and what came of them. */
export function TransmittersScreen(props: {
  readonly tenant: string;
  /** Why this person may not change transmitters. */
  readonly refusal: string | null;
}) {
  const trpc = useTRPC();
  const polled = { refetchInterval: pollMs };
  const transmitters = useQuery(trpc.transmitters.list.queryOptions(undefined, polled));
  const events = useQuery(trpc.transmitters.events.queryOptions(undefined, polled));
  const [isAdding, setIsAdding] = useState(false);
  const [removing, setRemoving] = useState<Transmitter | null>(null);
  const add = (
    <Button look="primary" disabledReason={props.refusal} onClick={() => setIsAdding(true)}>
      <Plus aria-hidden />
      Add a transmitter
    </Button>
  );
  return (
    <section aria-label="Transmitters" className="flex flex-col">
      <SectionHead title="Transmitters" actions={add}>
        Systems that may tell of revoked sessions and credentials by signed security events (CAEP,
        RFC 8935), such as an identity provider. A revoked session ends the leases of an agent, or
        the sign-ins of a person; a revoked credential begins its revocation.
        {transmitters.data === undefined ? null : (
          <>
            {' '}
            Their tokens are addressed to <code>{transmitters.data.audience}</code>.
          </>
        )}
      </SectionHead>
      {transmitters.data === undefined ? (
        <ListLoading error={transmitters.error} onRetry={() => void transmitters.refetch()} />
      ) : transmitters.data.items.length === 0 ? (
        <EmptyState icon={<RadioTower />} title="Nobody else is believed" action={add}>
          Sessions and credentials end by what people and rules do here. Add an identity provider to
          have them end when it says so.
        </EmptyState>
      ) : (
        <TransmitterTable
          transmitters={transmitters.data.items}
          refusal={props.refusal}
          onRemove={setRemoving}
        />
      )}
      <section aria-label="Received events" className="mt-6 border-t border-line">
        <header className="flex flex-wrap items-center gap-3 px-4 py-3">
          <h2 className="text-md font-semibold">Received events</h2>
          <span className="text-sm text-ink-muted">latest first</span>
        </header>
        {events.data === undefined ? (
          <ListLoading error={events.error} onRetry={() => void events.refetch()} />
        ) : events.data.items.length === 0 ? (
          <p className="px-4 pb-6 text-sm text-ink-muted">Nothing was told yet.</p>
        ) : (
          <ReceivedEventTable tenant={props.tenant} events={events.data.items} />
        )}
      </section>
      {isAdding ? <AddTransmitterForm onClose={() => setIsAdding(false)} /> : null}
      {removing === null ? null : (
        <RemoveTransmitterForm transmitter={removing} onClose={() => setRemoving(null)} />
      )}
    </section>
  );
}
