import type { ReactNode } from 'react';
import { links } from '#server/kernel/links.ts';
import type { EventDetail } from '#server/telemetry/traces/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatBytes, formatDuration } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';

function Fact(props: { readonly name: string; readonly children: ReactNode }) {
  return (
    <div className="flex min-w-0 gap-3 py-0.5">
      <dt className="w-32 shrink-0 text-ink-faint">{props.name}</dt>
      <dd className="min-w-0 flex-1 break-words">{props.children}</dd>
    </div>
  );
}

/** How much later we received an event than its sender says it happened. */
function lagOf(event: EventDetail): string {
  const lagMs = Date.parse(event.receivedAt) - Date.parse(event.endedAt ?? event.startedAt);
  return lagMs >= 0
    ? `${formatDuration(lagMs)} after it happened, by the sender’s clock`
    : `${formatDuration(-lagMs)} before it happened, by the sender’s clock`;
}

const identityWords = {
  verified: 'verified: the key belongs to this agent',
  claimed: 'claimed: a shared key said so',
} as const;

/** Everything that is known of one event beside its payload. Absent facts are left out. */
export function EventFacts(props: { readonly tenant: string; readonly event: EventDetail }) {
  const { event, tenant } = props;
  const lengthMs =
    event.endedAt === null ? null : Date.parse(event.endedAt) - Date.parse(event.startedAt);
  return (
    <dl className="text-xs">
      <Fact name="Started">
        <Instant at={event.startedAt} part="full" />
      </Fact>
      {event.endedAt === null ? null : (
        <Fact name="Ended">
          <Instant at={event.endedAt} part="full" />
          {lengthMs === null || lengthMs < 0 ? null : (
            <span className="text-ink-faint"> after {formatDuration(lengthMs)}</span>
          )}
        </Fact>
      )}
      <Fact name="Received">
        <Instant at={event.receivedAt} part="full" />
        <span className="block text-ink-faint">{lagOf(event)}</span>
      </Fact>
      <Fact name="Agent">
        <Link
          href={links.agent(tenant, event.agent)}
          className="rounded text-accent hover:underline"
        >
          {event.agent}
        </Link>
        <span className="block text-ink-faint">
          {identityWords[event.identity]}
          {event.isAgentInherited ? '; named by an event above it' : ''}
        </span>
      </Fact>
      {event.session === null ? null : (
        <Fact name="Session">
          <Link
            href={links.traces(tenant, { session: event.session })}
            className="rounded text-accent hover:underline"
          >
            {event.session}
          </Link>
        </Fact>
      )}
      {event.user === null ? null : (
        <Fact name="User">
          <Link
            href={links.traces(tenant, { user: event.user })}
            className="rounded text-accent hover:underline"
          >
            {event.user}
          </Link>
        </Fact>
      )}
      {event.conversation === null ? null : <Fact name="Conversation">{event.conversation}</Fact>}
      {event.instance === null ? null : <Fact name="Instance">{event.instance}</Fact>}
      {event.model === null ? null : (
        <Fact name="Model">
          <UntrustedInline text={event.model} />
        </Fact>
      )}
      <Fact name="Content">
        {event.trust === 'untrusted' ? <Badge tone="foreign">untrusted</Badge> : event.trust}
      </Fact>
      {event.callId === null ? null : <Fact name="Call">{event.callId}</Fact>}
      {event.actionId === null ? null : <Fact name="Action">{event.actionId}</Fact>}
      <Fact name="Dialect">{event.dialect.replaceAll('_', ' ')}</Fact>
      <Fact name="Event id">
        <CopyableId id={event.id} />
      </Fact>
      {event.spanId === null ? null : (
        <Fact name="Span">
          <CopyableId id={event.spanId} />
        </Fact>
      )}
      {event.parentSpanId === null ? null : (
        <Fact name="Parent span">
          <CopyableId id={event.parentSpanId} />
        </Fact>
      )}
      <Fact name="Position">
        <CopyableId id={event.position} label="Copy position" />
      </Fact>
      <Fact name="Committed">
        <CopyableId
          id={event.commitment}
          shown={`${event.commitment.slice(0, 16)}…`}
          label="Copy commitment"
        />
        <span className="block text-ink-faint">
          {formatBytes(event.bodyBytes)}, redacted by the rules of version {event.redaction}
        </span>
      </Fact>
    </dl>
  );
}
