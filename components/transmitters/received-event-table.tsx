import type { ReactNode } from 'react';
import type { ReceivedEvent } from '#server/notifications/receive/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { wordsOfSubject, wordsOfType } from './event-words.ts';
import { ReceivedOutcomeBadge } from './received-outcome-badge.tsx';

/** Where the outcome has no column of its own, this one begins the row. */
const firstOnPhones = 'max-md:pl-4';

/** What transmitters told, latest first, and what was done about it. */
export function ReceivedEventTable(props: {
  readonly tenant: string;
  readonly events: readonly ReceivedEvent[];
}) {
  return (
    <Table label="Received events, latest first">
      <thead>
        <HeadRow>
          <Head className="max-md:hidden">Outcome</Head>
          <Head className={firstOnPhones}>What was told</Head>
          <Head className="max-md:hidden">What was done</Head>
          <Head className="max-md:hidden">Transmitter</Head>
          <Head className="max-lg:hidden">Received</Head>
        </HeadRow>
      </thead>
      <tbody>
        {props.events.map((event) => (
          <Row key={event.id}>
            <Cell className="whitespace-nowrap max-md:hidden">
              <ReceivedOutcomeBadge outcome={event.outcome} />
            </Cell>
            <Cell className={`min-w-0 wrap-anywhere ${firstOnPhones}`}>
              <span className="mb-1 block md:hidden">
                <ReceivedOutcomeBadge outcome={event.outcome} />
              </span>
              <WhatWasTold event={event} />
              <span className="mt-1 block text-xs text-ink-muted md:hidden">
                {event.transmitter}: <WhatWasDone tenant={props.tenant} event={event} />
              </span>
            </Cell>
            <Cell className="text-sm wrap-anywhere max-md:hidden">
              <WhatWasDone tenant={props.tenant} event={event} />
            </Cell>
            <Cell className="break-words max-md:hidden">{event.transmitter}</Cell>
            <Cell className="text-xs whitespace-nowrap text-ink-muted max-lg:hidden">
              <RelativeTime at={event.receivedAt} />
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** Type, subject and reason; all but a type that we know is somebody else's text. */
function WhatWasTold({ event }: { readonly event: ReceivedEvent }) {
  return (
    <>
      <span className="block">
        {wordsOfType(event) ?? <UntrustedInline text={event.type} className="wrap-anywhere" />}
      </span>
      <span className="block text-xs text-ink-muted">
        <UntrustedInline text={wordsOfSubject(event)} className="wrap-anywhere" />
      </span>
      {event.reason === null ? null : (
        <span className="block text-xs text-ink-muted">
          <UntrustedInline text={event.reason} className="wrap-anywhere" />
        </span>
      )}
    </>
  );
}

function WhatWasDone(props: { readonly tenant: string; readonly event: ReceivedEvent }) {
  const { says } = props.event;
  const link = linkOf(props.tenant, props.event);
  return link === null ? (
    says
  ) : (
    <>
      {says} {link}
    </>
  );
}

/** To what of ours it was about, where that has a page. */
function linkOf(tenant: string, { target, targetId }: ReceivedEvent): ReactNode {
  if (targetId === null || (target !== 'agent' && target !== 'credential')) return null;
  const href =
    target === 'agent' ? links.agent(tenant, targetId) : links.credential(tenant, targetId);
  return (
    <Link href={href} className="whitespace-nowrap underline">
      {target === 'agent' ? `Agent ${targetId}` : 'The credential'}
    </Link>
  );
}
