import { Archive, ArrowUpRight, Check, Clock, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import type { AlertDetail as Detail } from '#server/detection/contract.ts';
import { alertMoves } from '#server/detection/states/contract.ts';
import { links } from '#server/kernel/links.ts';
import { ContainButton } from '../containments/contain-button.tsx';
import { StopThisButton } from '../stops/stop-button.tsx';
import { Fact, Section } from '../ui/detail-parts.tsx';
import { Badge } from '../ui/badge.tsx';
import { buttonLook } from '../ui/button-look.ts';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Kbd } from '../ui/kbd.tsx';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { AlertEvidence } from './alert-evidence.tsx';
import { AlertHistory } from './alert-history.tsx';
import { AlertStateBadge } from './alert-state.tsx';
import { CommentForm } from './comment-form.tsx';
import type { Triage } from './use-triage.tsx';

// What not every alert has comes after the inbox.
const AlertDeliveries = dynamic(
  () => import('../channels/alert-deliveries.tsx').then((parts) => parts.AlertDeliveries),
  { loading: () => null },
);
const AlertResponse = dynamic(
  () => import('./alert-response.tsx').then((parts) => parts.AlertResponse),
  { loading: () => null },
);
const AlertActions = dynamic(
  () => import('./alert-actions.tsx').then((parts) => parts.AlertActions),
  { loading: () => null },
);
const AlertCanaries = dynamic(
  () => import('./alert-canaries.tsx').then((parts) => parts.AlertCanaries),
  { loading: () => null },
);
const AlertReadings = dynamic(
  () => import('./alert-readings.tsx').then((parts) => parts.AlertReadings),
  { loading: () => null },
);

interface AlertDetailProps {
  readonly tenant: string;
  readonly alert: Detail;
  readonly triage: Triage;
  readonly noteCharsMax: number;
  readonly onClose: () => void;
}

/** Until when, or until what, the alert is set aside, and the way back. */
function SetAsideNote({ alert, triage }: Pick<AlertDetailProps, 'alert' | 'triage'>) {
  if (alert.attention !== 'snoozed' && alert.attention !== 'archived') return null;
  return (
    <p className="flex flex-wrap items-center gap-2 rounded border border-line bg-sunken px-3 py-1.5 text-xs text-ink-muted">
      {alert.attention === 'snoozed' ? (
        <>
          <Clock aria-hidden className="size-3.5" />
          <span>
            Snoozed until{' '}
            {alert.snoozedUntil === null ? '–' : <Instant at={alert.snoozedUntil} part="minute" />}
          </span>
        </>
      ) : (
        <>
          <Archive aria-hidden className="size-3.5" />
          <span>
            Archived until it has {formatCounted(alert.escalatesAt ?? 0, 'event')}; it has{' '}
            {formatCount(alert.count)} now
          </span>
        </>
      )}
      <Button
        size="sm"
        className="ml-auto"
        disabledReason={triage.refusal}
        isBusy={triage.actions.bringBack.isPending}
        onClick={() => triage.bringBack([alert])}
      >
        Bring back
      </Button>
    </p>
  );
}

function TriageButtons({ alert, triage }: Pick<AlertDetailProps, 'alert' | 'triage'>) {
  const { actions, refusal } = triage;
  const moves: readonly string[] = alertMoves[alert.state];
  if (moves.length === 0) return null;
  return (
    <>
      {moves.includes('acknowledged') ? (
        <Button
          onClick={() => triage.advance([alert])}
          isBusy={actions.acknowledge.isPending}
          disabledReason={refusal}
        >
          Acknowledge <Kbd>e</Kbd>
        </Button>
      ) : null}
      <Button onClick={() => triage.ask('resolve', [alert])} disabledReason={refusal}>
        <Check aria-hidden />
        Resolve…
        {moves.includes('acknowledged') ? null : <Kbd>e</Kbd>}
      </Button>
      <Button onClick={() => triage.ask('set-aside', [alert])} disabledReason={refusal}>
        Set aside… <Kbd>s</Kbd>
      </Button>
      <Button onClick={() => triage.ask('assign', [alert])} disabledReason={refusal}>
        Assign… <Kbd>m</Kbd>
      </Button>
    </>
  );
}

function AlertHead(props: AlertDetailProps) {
  const { alert } = props;
  const root = alert.evidence[0];
  return (
    <header className="sticky top-0 z-10 max-sm:static flex flex-col gap-3 border-b border-line bg-canvas px-4 py-3 sm:px-5">
      <div className="flex items-start gap-3">
        <div className="min-w-0 flex-1">
          <div className="mb-1.5 flex flex-wrap items-center gap-2">
            <Severity level={alert.severity} isFramed />
            <AlertStateBadge state={alert.state} verdict={alert.verdict} />
            <CopyableId
              id={alert.id}
              shown={`…${alert.id.slice(-8)}`}
              label="Copy the alert’s id"
            />
          </div>
          <h2 className="text-lg leading-snug font-semibold tracking-tight text-balance">
            {alert.title}
          </h2>
        </div>
        <IconButton label="Close" size="sm" onClick={props.onClose}>
          <X />
        </IconButton>
      </div>
      <div className="flex flex-wrap gap-2">
        {root === undefined ? null : (
          <Link
            href={links.trace(props.tenant, root.traceId, { event: root.eventId })}
            className={buttonLook({ look: 'primary' })}
          >
            Open the root event
            <ArrowUpRight aria-hidden />
          </Link>
        )}
        <TriageButtons {...props} />
        {alert.agent === null ? null : (
          <>
            <StopThisButton
              what={`agent ${alert.agent}`}
              wish={{
                scope: { kind: 'agent', id: alert.agent },
                reason: 'Precaution during an investigation',
              }}
            />
            <ContainButton tenant={props.tenant} agent={alert.agent} alertId={alert.id} />
          </>
        )}
      </div>
      <SetAsideNote {...props} />
    </header>
  );
}

/** One alert in full: what fired, on what, since when, by which events, and what was done. */
export function AlertDetailView(props: AlertDetailProps) {
  const { tenant, alert } = props;
  return (
    <article aria-label={alert.title} className="min-h-0 flex-1 overflow-y-auto">
      <AlertHead {...props} />
      <section className="px-4 py-4 sm:px-5">
        <p className="max-w-prose text-pretty text-ink-muted">{alert.description}</p>
        <dl className="mt-4 grid grid-cols-2 gap-x-6 gap-y-3 xl:grid-cols-3">
          <Fact name="Agent">
            {alert.agent === null ? (
              'several'
            ) : (
              <Link href={links.alerts(tenant, { agent: alert.agent })} className="hover:underline">
                {alert.agent}
              </Link>
            )}
          </Fact>
          <Fact name="Events">{formatCounted(alert.count, 'event')}</Fact>
          <Fact name="Session">
            {alert.session === null ? 'none told' : <CopyableId id={alert.session} />}
          </Fact>
          <Fact name="First">
            <RelativeTime at={alert.firstAt} />
          </Fact>
          <Fact name="Last">
            <RelativeTime at={alert.lastAt} />
          </Fact>
          <Fact name="Raised">
            <RelativeTime at={alert.raisedAt} />
          </Fact>
          <Fact name="Assigned to">
            {alert.assignee === null ? (
              'nobody'
            ) : (
              <span title={alert.assignee.name}>{alert.assignee.email}</span>
            )}
          </Fact>
          <Fact name="Rule">
            <Link href={links.alerts(tenant, { rule: alert.rule })} className="hover:underline">
              {alert.rule}
            </Link>{' '}
            <span className="text-xs text-ink-faint">version {alert.ruleVersion}</span>
          </Fact>
          <Fact name="Known as">
            {alert.labels.length === 0 ? (
              'nothing listed'
            ) : (
              <span className="flex flex-wrap gap-1">
                {alert.labels.map((label) => (
                  <Badge key={label}>{label}</Badge>
                ))}
              </span>
            )}
          </Fact>
        </dl>
      </section>
      {alert.readings.length === 0 ? null : (
        <Section title="What was unusual">
          <AlertReadings readings={alert.readings} />
        </Section>
      )}
      {alert.canaries.length === 0 ? null : (
        <AlertCanaries tenant={tenant} canaries={alert.canaries} />
      )}
      <AlertResponse tenant={tenant} alertId={alert.id} />
      <Section title="Evidence">
        {alert.evidence.length === 0 ? (
          <AlertActions tenant={tenant} alertId={alert.id} />
        ) : (
          <AlertEvidence tenant={tenant} alert={alert} />
        )}
      </Section>
      {alert.group.length === 0 ? null : (
        <Section title="What the matches have in common">
          <dl className="grid grid-cols-[auto_1fr] gap-x-4 gap-y-1.5">
            {alert.group.map(({ field, value }) => (
              <div key={field} className="contents">
                <dt className="font-mono text-xs text-ink-faint">{field}</dt>
                <dd className="min-w-0">
                  <UntrustedInline text={value} />
                </dd>
              </div>
            ))}
          </dl>
        </Section>
      )}
      {alert.falsePositives.length === 0 ? null : (
        <Section title="Known harmless causes">
          <ul className="list-disc pl-4 text-ink-muted">
            {alert.falsePositives.map((cause) => (
              <li key={cause}>{cause}</li>
            ))}
          </ul>
        </Section>
      )}
      <Section title="Sent to">
        <AlertDeliveries tenant={tenant} alertId={alert.id} />
      </Section>
      <Section title="History">
        <CommentForm
          noteCharsMax={props.noteCharsMax}
          refusal={props.triage.refusal}
          isBusy={props.triage.actions.comment.isPending}
          onComment={(text, onKept) =>
            props.triage.actions.comment.mutate({ id: alert.id, text }, { onSuccess: onKept })
          }
        />
        <AlertHistory history={alert.history} />
      </Section>
    </article>
  );
}
