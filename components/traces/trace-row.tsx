import type { TraceSummary } from '#server/telemetry/traces/contract.ts';
import { formatCountShort, formatDuration } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { TraceMarks } from './trace-marks.tsx';

/** Height of a row in pixels before it is measured. */
export const traceRowHeightPx = 34;

/** Widths of the columns, shared by the head and the rows. */
const columns = {
  agents: 'w-40 shrink-0 truncate max-sm:w-auto max-sm:max-w-40 sm:max-md:hidden',
  tools: 'w-40 shrink-0 truncate max-xl:hidden',
  marks: 'flex w-56 shrink-0 justify-end max-sm:w-auto max-sm:flex-1 max-sm:justify-start',
  events: 'w-12 shrink-0 text-right tabular-nums max-sm:hidden',
  length: 'w-18 shrink-0 text-right tabular-nums max-lg:hidden',
  received: 'w-20 shrink-0 text-right whitespace-nowrap',
} as const;

/** Names of the columns; hidden from screen readers, to whom each row speaks for itself. */
export function TraceRowHead() {
  return (
    <div
      aria-hidden
      className="flex h-8 shrink-0 items-center gap-3 border-b border-line bg-panel px-4 text-2xs font-medium text-ink-faint max-sm:hidden"
    >
      <span className="min-w-0 flex-1">What was asked</span>
      <span className={columns.agents}>Agents</span>
      <span className={columns.tools}>Tools</span>
      <span className={columns.marks}>Marks</span>
      <span className={columns.events}>Events</span>
      <span className={columns.length}>Length</span>
      <span className={columns.received}>Received</span>
    </div>
  );
}

/** Names in one line: the first two, and how many more. */
function namesOf(names: readonly string[]): string {
  const shown = names.slice(0, 2).join(', ');
  return names.length > 2 ? `${shown} +${names.length - 2}` : shown;
}

/** One trace in one line. Titles and names are other people's words, and drawn as such. */
export function TraceRow({ trace }: { readonly trace: TraceSummary }) {
  const lengthMs = Date.parse(trace.endedAt) - Date.parse(trace.startedAt);
  return (
    <span className="flex min-h-(--row) items-center gap-3 px-4 py-1 text-xs text-ink-muted max-sm:flex-wrap max-sm:gap-y-1 max-sm:py-2">
      <span className="min-w-0 flex-1 truncate text-sm max-sm:basis-full">
        <UntrustedInline text={trace.title} charsMax={100} className="wrap-normal break-normal" />
      </span>
      <span className={columns.agents}>{namesOf(trace.agents)}</span>
      <span className={columns.tools}>
        {trace.tools.length === 0 ? (
          <span className="text-ink-faint">no tools</span>
        ) : (
          <UntrustedInline text={namesOf(trace.tools)} charsMax={60} />
        )}
      </span>
      <span className={columns.marks}>
        <TraceMarks alerts={trace.alerts} errors={trace.errors} hasUntrusted={trace.hasUntrusted} />
      </span>
      <span className={columns.events}>
        {formatCountShort(trace.events)}
        <span className="sr-only">{trace.events === 1 ? ' event' : ' events'}</span>
      </span>
      <span className={columns.length}>{formatDuration(lengthMs)}</span>
      <span className={columns.received}>
        <RelativeTime at={trace.receivedAt} />
      </span>
    </span>
  );
}
