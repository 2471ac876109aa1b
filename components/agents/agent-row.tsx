import { OctagonX, ShieldAlert } from 'lucide-react';
import type { Agent } from '#server/agents/contract.ts';
import type { Enforcement } from '#server/containment/contract.ts';
import type { Activity } from '#server/telemetry/traces/contract.ts';
import { EnforcementBadge } from '../stops/enforcement-badge.tsx';
import { Badge } from '../ui/badge.tsx';
import { formatCount, formatCountShort, formatCounted } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { PresenceBadge } from './presence-badge.tsx';

/** Height of a row in pixels before it is measured. */
export const agentRowHeightPx = 34;

const columns = {
  state: 'w-28 shrink-0 max-sm:w-auto',
  stoppable: 'w-52 shrink-0 truncate max-sm:w-auto',
  environment: 'w-24 shrink-0 truncate @max-5xl:hidden',
  owner: 'w-44 shrink-0 truncate @max-6xl:hidden',
  alerts: 'w-20 shrink-0 max-sm:w-auto',
  instances: 'w-18 shrink-0 text-right tabular-nums @max-4xl:hidden',
  events: 'w-16 shrink-0 text-right tabular-nums max-sm:hidden',
  errors: 'w-14 shrink-0 text-right tabular-nums @max-4xl:hidden',
  seen: 'w-20 shrink-0 text-right whitespace-nowrap max-sm:w-auto',
  /** Room for the control that lies over the row. */
  aside: 'w-7 shrink-0',
} as const;

/** Names of the columns, which give way as the list gets narrower; each row speaks for itself to screen readers. */
export function AgentRowHead() {
  return (
    <div
      aria-hidden
      className="flex h-8 shrink-0 items-center gap-3 border-b border-line bg-panel px-4 text-2xs font-medium text-ink-faint max-sm:hidden"
    >
      <span className="min-w-0 flex-1">Agent</span>
      <span className={columns.state}>State</span>
      <span className={columns.stoppable}>Can be stopped</span>
      <span className={columns.environment}>Environment</span>
      <span className={columns.owner}>Owner</span>
      <span className={columns.alerts}>Open alerts</span>
      <span className={columns.instances}>Instances</span>
      <span className={columns.events}>Events 24 h</span>
      <span className={columns.errors}>Failed</span>
      <span className={columns.seen}>Last seen</span>
      <span className={columns.aside} />
    </div>
  );
}

/** One agent in one line; `activity` is of the last 24 hours, null while it is not known. */
export function AgentRow(props: {
  readonly agent: Agent;
  readonly activity: Activity['items'][number] | null;
  /** How surely it can be stopped; null while it is not known. */
  readonly enforcement: Pick<Enforcement, 'class' | 'boundSeconds'> | null;
  /** Whether a stop that stands covers it. */
  readonly isStopped: boolean;
}) {
  const { agent, activity, enforcement } = props;
  const errors = activity?.errors ?? 0;
  return (
    <span className="flex min-h-(--row) items-center gap-3 px-4 py-1 text-xs text-ink-muted max-sm:flex-wrap max-sm:gap-y-1 max-sm:py-2">
      <span className="min-w-0 flex-1 truncate text-sm font-medium text-ink max-sm:basis-full">
        {agent.slug}
      </span>
      <span className={columns.state}>
        {props.isStopped ? (
          <Badge tone="danger">
            <OctagonX aria-hidden />
            under a stop
          </Badge>
        ) : (
          <PresenceBadge state={agent.state} lastSeenAt={agent.lastSeenAt} />
        )}
      </span>
      <span className={columns.stoppable}>
        {enforcement === null ? (
          <span className="text-ink-faint">…</span>
        ) : (
          <EnforcementBadge enforcement={enforcement} />
        )}
      </span>
      <span className={columns.environment}>{agent.environment}</span>
      <span className={columns.owner}>
        {agent.owner ?? <span className="text-ink-faint">no owner</span>}
      </span>
      <span className={columns.alerts}>
        {activity === null || activity.openAlerts === 0 ? (
          <span className="text-ink-faint max-sm:hidden">{activity === null ? '…' : '–'}</span>
        ) : (
          <Badge tone="danger">
            <ShieldAlert aria-hidden />
            {formatCounted(activity.openAlerts, 'alert')}
          </Badge>
        )}
      </span>
      <span className={columns.instances}>{formatCount(agent.instances)}</span>
      <span className={columns.events}>
        {activity === null ? '…' : formatCountShort(activity.events)}
      </span>
      <span className={columns.errors}>
        {activity === null ? '…' : errors === 0 ? '–' : formatCountShort(errors)}
      </span>
      <span className={columns.seen}>
        {agent.lastSeenAt === null ? 'never' : <RelativeTime at={agent.lastSeenAt} />}
      </span>
      <span aria-hidden className={columns.aside} />
    </span>
  );
}
