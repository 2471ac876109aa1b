import type { Transmitter } from '#server/notifications/receive/contract.ts';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCounted } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';

/** Who may tell of security events, by name, and where each pushes to. */
export function TransmitterTable(props: {
  readonly transmitters: readonly Transmitter[];
  /** Why this person may not change them. */
  readonly refusal: string | null;
  readonly onRemove: (transmitter: Transmitter) => void;
}) {
  return (
    <Table label="Transmitters by name">
      <thead>
        <HeadRow>
          <Head>Transmitter</Head>
          <Head className="max-md:hidden">Pushes to</Head>
          <Head className="max-lg:hidden">Keys</Head>
          <Head className="max-md:hidden">Last event</Head>
          <Head align="end">
            <span className="sr-only">Actions</span>
          </Head>
        </HeadRow>
      </thead>
      <tbody>
        {props.transmitters.map((transmitter) => (
          <Row key={transmitter.id}>
            <Cell className="min-w-0 break-words">
              <span className="font-medium">{transmitter.name}</span>
              <span className="block text-xs break-all text-ink-muted">{transmitter.issuer}</span>
              <span className="block md:hidden">
                <PushAddress transmitter={transmitter} />
              </span>
            </Cell>
            <Cell className="min-w-0 max-md:hidden">
              <PushAddress transmitter={transmitter} />
            </Cell>
            <Cell className="text-xs break-all text-ink-muted max-lg:hidden">
              {transmitter.keys === null
                ? `fetched from ${transmitter.keysUrl ?? 'nowhere'}`
                : `${formatCounted(transmitter.keys, 'key')}, kept here`}
            </Cell>
            <Cell className="text-xs whitespace-nowrap text-ink-muted max-md:hidden">
              {transmitter.lastAt === null ? 'none yet' : <RelativeTime at={transmitter.lastAt} />}
            </Cell>
            <Cell align="end">
              <Button
                size="sm"
                disabledReason={props.refusal}
                aria-label={`Remove ${transmitter.name}`}
                onClick={() => props.onRemove(transmitter)}
              >
                Remove
              </Button>
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** Where it pushes to: its end, as the rest is the same for all; copied whole. */
function PushAddress({ transmitter }: { readonly transmitter: Transmitter }) {
  return (
    <CopyableId
      id={transmitter.address}
      shown={`…${transmitter.id.slice(-8)}`}
      label={`Copy the address of ${transmitter.name}`}
    />
  );
}
