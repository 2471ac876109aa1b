import { Archive, Clock } from 'lucide-react';
import type { AlertCounts } from '#server/detection/contract.ts';
import { links } from '#server/kernel/links.ts';
import { formatCount } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

/** How many alerts the inbox does not show because they were set aside; nothing where none is. */
export function SetAsideLine(props: { readonly tenant: string; readonly counts: AlertCounts }) {
  const { snoozed, archived, nextReturnAt } = props.counts;
  if (snoozed + archived === 0) return null;
  return (
    <p className="flex flex-wrap items-center gap-x-4 gap-y-1 border-b border-line px-4 py-1.5 text-xs text-ink-muted">
      {snoozed === 0 ? null : (
        <Link
          href={links.alerts(props.tenant, { state: 'snoozed' })}
          className="inline-flex items-center gap-1.5 rounded hover:text-ink hover:underline"
        >
          <Clock aria-hidden className="size-3" />
          {formatCount(snoozed)} snoozed
          {nextReturnAt === null ? null : (
            <span className="text-ink-faint">
              , next back <RelativeTime at={nextReturnAt} />
            </span>
          )}
        </Link>
      )}
      {archived === 0 ? null : (
        <Link
          href={links.alerts(props.tenant, { state: 'archived' })}
          className="inline-flex items-center gap-1.5 rounded hover:text-ink hover:underline"
        >
          <Archive aria-hidden className="size-3" />
          {formatCount(archived)} archived until {archived === 1 ? 'it escalates' : 'they escalate'}
        </Link>
      )}
    </p>
  );
}
