'use client';

import { useQuery } from '@tanstack/react-query';
import { Plus, Send } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import type { Channel, Delivery } from '#server/notifications/contract.ts';
import { ListLoading } from '../settings/list-loading.tsx';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { AddChannelForm, ChannelSecret, RemoveChannelForm } from './channel-forms.tsx';
import { ChannelTable } from './channel-table.tsx';
import { channelUrlParsers } from './channel-url.ts';
import type { AddedChannel } from './channel-words.ts';
import { deliveriesPollMs } from './deliveries-poll.ts';
import { deliveryLooks } from './delivery-state-badge.tsx';
import { DeliveryTable, type Retry } from './delivery-table.tsx';
import { useChannelActions } from './use-channel-actions.ts';

interface ChannelsScreenProps {
  readonly tenant: string;
  /** Why this person may not change channels, or have a delivery sent again. */
  readonly refusal: string | null;
  readonly retryRefusal: string | null;
  readonly hasMail: boolean;
}

/** Where alerts and security events are sent, and whether they got there. */
export function ChannelsScreen(props: ChannelsScreenProps) {
  const { tenant, refusal } = props;
  const trpc = useTRPC();
  const [{ state, channel: channelId }, setUrl] = useQueryStates(channelUrlParsers);
  const deliveries = useQuery(
    trpc.channels.deliveries.queryOptions(
      { state, channelId },
      { refetchInterval: (query) => deliveriesPollMs(query.state.data?.items) },
    ),
  );
  const items = deliveries.data?.items;
  const channels = useQuery(
    trpc.channels.list.queryOptions(undefined, { refetchInterval: deliveriesPollMs(items) }),
  );
  const { test, retry } = useChannelActions();
  const [isAdding, setIsAdding] = useState(false);
  const [added, setAdded] = useState<AddedChannel | null>(null);
  const [removing, setRemoving] = useState<Channel | null>(null);
  const add = (
    <Button look="primary" disabledReason={refusal} onClick={() => setIsAdding(true)}>
      <Plus aria-hidden />
      Add a channel
    </Button>
  );
  return (
    <section aria-label="Channels" className="flex flex-col">
      <SectionHead title="Channels" actions={add}>
        Where alerts are sent when they open, and stops and revocations as security events. What a
        receiver has not taken is unconfirmed and tried again for about a day; then it is given up,
        and stays here.
      </SectionHead>
      {channels.data === undefined ? (
        <ListLoading error={channels.error} onRetry={() => void channels.refetch()} />
      ) : channels.data.items.length === 0 ? (
        <EmptyState icon={<Send />} title="Alerts are sent nowhere" action={add}>
          They wait in the inbox for whoever looks. Add a webhook or an e-mail address for those who
          do not look.
        </EmptyState>
      ) : (
        <ChannelTable
          channels={channels.data.items}
          refusal={refusal}
          testingId={test.isPending ? test.variables.id : null}
          onTest={({ id }) => test.mutate({ id })}
          onRemove={setRemoving}
          onShow={({ id }, shown) => void setUrl({ channel: id, state: shown })}
        />
      )}
      <Deliveries
        tenant={tenant}
        items={items}
        error={deliveries.error}
        filterWords={filterWords(channels.data?.items ?? [], channelId, state)}
        retry={{
          refusal: props.retryRefusal,
          busyId: retry.isPending ? retry.variables.id : null,
          onRetry: ({ id }) => retry.mutate({ id }),
        }}
        onReload={() => void deliveries.refetch()}
        onShowAll={() => void setUrl({ channel: null, state: null })}
      />
      {isAdding ? (
        <AddChannelForm
          hasMail={props.hasMail}
          onClose={() => setIsAdding(false)}
          onAdded={(one) => {
            setIsAdding(false);
            setAdded(one);
          }}
        />
      ) : null}
      {added === null || added.secret === null ? null : (
        <ChannelSecret name={added.name} secret={added.secret} onClose={() => setAdded(null)} />
      )}
      {removing === null ? null : (
        <RemoveChannelForm channel={removing} onClose={() => setRemoving(null)} />
      )}
    </section>
  );
}

/** What the list below is narrowed to, in words; null when it is not. */
function filterWords(
  channels: readonly Channel[],
  channelId: string | null,
  state: Delivery['state'] | null,
): string | null {
  if (channelId === null && state === null) return null;
  const name = channels.find(({ id }) => id === channelId)?.name ?? 'this channel';
  const words = state === null ? 'all' : deliveryLooks[state].word;
  return channelId === null ? words : `${words}, of ${name}`;
}

function Deliveries(props: {
  readonly tenant: string;
  readonly items: readonly Delivery[] | undefined;
  readonly error: unknown;
  readonly filterWords: string | null;
  readonly retry: Retry;
  readonly onReload: () => void;
  readonly onShowAll: () => void;
}) {
  const { items, filterWords: words } = props;
  return (
    <section aria-label="Deliveries" className="mt-6 border-t border-line">
      <header className="flex flex-wrap items-center gap-3 px-4 py-3">
        <h2 className="text-md font-semibold">Deliveries</h2>
        <span className="text-sm text-ink-muted">{words ?? 'latest first'}</span>
        {words === null ? null : (
          <Button size="sm" onClick={props.onShowAll}>
            Show all
          </Button>
        )}
      </header>
      {items === undefined ? (
        <ListLoading error={props.error} onRetry={props.onReload} />
      ) : items.length === 0 ? (
        <p className="px-4 pb-6 text-sm text-ink-muted">
          {words === null ? 'Nothing has been sent yet.' : 'There is none.'}
        </p>
      ) : (
        <DeliveryTable
          tenant={props.tenant}
          label="Deliveries, latest first"
          deliveries={items}
          retry={props.retry}
        />
      )}
    </section>
  );
}
