import type { Channel } from '#server/notifications/contract.ts';
import type { DeliveryState } from '#server/notifications/states/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { kindWords } from './channel-words.ts';
import { deliveryLooks } from './delivery-state-badge.tsx';

interface ChannelTableProps {
  readonly channels: readonly Channel[];
  /** Why this person may not change them. */
  readonly refusal: string | null;
  /** The channel whose test is being asked for; null for none. */
  readonly testingId: string | null;
  readonly onTest: (channel: Channel) => void;
  readonly onRemove: (channel: Channel) => void;
  /** Lists the deliveries that a number counts. */
  readonly onShow: (channel: Channel, state: DeliveryState) => void;
}

/** Where alerts and security events go, by name, with what has not arrived. */
export function ChannelTable(props: ChannelTableProps) {
  return (
    <Table label="Channels by name">
      <thead>
        <HeadRow>
          <Head>Channel</Head>
          <Head className="max-md:hidden">From</Head>
          <Head>Not confirmed</Head>
          <Head className="max-lg:hidden">Last confirmed</Head>
          <Head align="end">
            <span className="sr-only">Actions</span>
          </Head>
        </HeadRow>
      </thead>
      <tbody>
        {props.channels.map((channel) => (
          <ChannelLine key={channel.id} {...props} channel={channel} />
        ))}
      </tbody>
    </Table>
  );
}

function ChannelLine(props: ChannelTableProps & { readonly channel: Channel }) {
  const { channel, refusal } = props;
  return (
    <Row>
      <Cell className="min-w-0 break-words">
        <span className="font-medium">{channel.name}</span>
        {channel.state === 'disabled' ? (
          <Badge tone="danger" className="ml-2">
            off: it wants nothing more
          </Badge>
        ) : null}
        <span className="block text-xs break-all text-ink-muted">
          {kindWords[channel.kind]} {channel.target}
        </span>
      </Cell>
      <Cell className="max-md:hidden">
        {channel.severityMin === null ? (
          <span className="text-ink-muted">stops, revocations</span>
        ) : (
          <Severity level={channel.severityMin} />
        )}
      </Cell>
      <Cell>
        <span className="flex flex-wrap gap-1">
          <Count {...props} state="unconfirmed" count={channel.unconfirmed} />
          <Count {...props} state="dead" count={channel.dead} />
          {channel.unconfirmed + channel.dead === 0 ? (
            <span className="text-ink-muted">nothing</span>
          ) : null}
        </span>
      </Cell>
      <Cell className="text-xs whitespace-nowrap text-ink-muted max-lg:hidden">
        {channel.confirmedAt === null ? 'never' : <RelativeTime at={channel.confirmedAt} />}
      </Cell>
      <Cell align="end">
        <span className="inline-flex flex-wrap justify-end gap-1.5">
          <Button
            size="sm"
            disabledReason={refusal}
            isBusy={props.testingId === channel.id}
            aria-label={`Test ${channel.name}`}
            onClick={() => props.onTest(channel)}
          >
            Test
          </Button>
          <Button
            size="sm"
            disabledReason={refusal}
            aria-label={`Remove ${channel.name}`}
            onClick={() => props.onRemove(channel)}
          >
            Remove
          </Button>
        </span>
      </Cell>
    </Row>
  );
}

function Count(
  props: ChannelTableProps & {
    readonly channel: Channel;
    readonly state: DeliveryState;
    readonly count: number;
  },
) {
  if (props.count === 0) return null;
  return (
    <Button size="sm" onClick={() => props.onShow(props.channel, props.state)}>
      {formatCount(props.count)} {deliveryLooks[props.state].word}
    </Button>
  );
}
