import { Archive, Clock } from 'lucide-react';
import type { Alert } from '#server/detection/contract.ts';
import { classNames } from '../ui/class-names.ts';
import { formatCountShort } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';

/** Height of a row in pixels before it is measured. */
export const alertRowHeightPx = 34;

/** Why an alert is not in the inbox now. */
function SetAsideMark({ attention }: { readonly attention: Alert['attention'] }) {
  if (attention !== 'snoozed' && attention !== 'archived') return null;
  const Icon = attention === 'snoozed' ? Clock : Archive;
  return (
    <>
      <Icon aria-hidden className="mr-1.5 inline size-3 text-ink-faint" />
      <span className="sr-only">{attention}, </span>
    </>
  );
}

/** One alert in one line: how bad, what, who, how often, when. An open one stands out by weight. */
export function AlertRow({ alert }: { readonly alert: Alert }) {
  const isOpen = alert.state === 'open';
  return (
    <span className="flex min-h-(--row) items-center gap-3 px-4 py-1 max-sm:flex-wrap max-sm:gap-y-0.5 max-sm:py-2">
      <Severity level={alert.severity} className="w-20 shrink-0" />
      <span
        className={classNames(
          'min-w-0 flex-1 truncate max-sm:order-last max-sm:basis-full max-sm:whitespace-normal',
          isOpen ? 'font-medium text-ink' : 'text-ink-muted',
        )}
      >
        <SetAsideMark attention={alert.attention} />
        {alert.title}
        {alert.state === 'open' ? null : (
          <span className="sr-only">
            {alert.state === 'resolved' ? ', resolved' : ', acknowledged'}
          </span>
        )}
      </span>
      {alert.assignee === null ? null : (
        <span
          title={`Assigned to ${alert.assignee.email}`}
          className="max-w-20 shrink-0 truncate rounded bg-ink/7 px-1.5 text-2xs text-ink-muted"
        >
          <span className="sr-only">assigned to </span>
          {alert.assignee.name}
        </span>
      )}
      <span className="w-32 shrink-0 truncate text-xs text-ink-faint max-sm:flex-1">
        {alert.agent ?? '–'}
      </span>
      <span className="w-9 shrink-0 text-right text-xs text-ink-faint tabular-nums">
        ×{formatCountShort(alert.count)}
      </span>
      <RelativeTime
        at={alert.lastAt}
        className="w-20 shrink-0 text-right text-xs text-ink-faint whitespace-nowrap"
      />
    </span>
  );
}
