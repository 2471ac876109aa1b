'use client';

import { useQuery } from '@tanstack/react-query';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Banner } from '../ui/banner.tsx';
import { formatCount, formatDuration, formatRate } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { Stat } from '../ui/stat.tsx';

/** What each reader of the log gives people, in a word. */
const readerWords: Readonly<Record<string, string>> = {
  assembler: 'Traces',
  detector: 'Detection',
  indexer: 'Search',
};

/** How events come in now, and how far traces, detection and search are behind them. */
export function StreamStateStrip(props: { readonly tenant: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.activity.stream.queryOptions());
  const state = query.data;
  if (query.isError && state === undefined) {
    return <Banner tone="warn">{readProblem(query.error).sentence}</Banner>;
  }
  const pending = <Skeleton className="my-1 h-5 w-16" />;
  return (
    <section
      aria-label="Ingest now"
      className="grid grid-cols-2 rounded border border-line bg-panel sm:grid-cols-3 xl:grid-cols-6 [&>*]:border-line max-xl:[&>*]:border-b xl:[&>*:not(:last-child)]:border-r"
    >
      <Stat
        label="Events"
        value={state === undefined ? pending : formatRate(state.eventsPerSecond)}
      >
        {state === undefined ? null : (
          <>
            over the last whole minute, as of <Instant at={state.at} part="time" />
          </>
        )}
      </Stat>
      <Stat
        label="Errors"
        value={state === undefined ? pending : formatRate(state.errorsPerSecond)}
      >
        over the last whole minute
      </Stat>
      <Stat
        label="Last event"
        value={
          state === undefined ? (
            pending
          ) : state.lastReceivedAt === null ? (
            'none yet'
          ) : (
            <RelativeTime at={state.lastReceivedAt} />
          )
        }
      >
        {state?.lastReceivedAt === null ? (
          <Link
            href={links.connect(props.tenant)}
            className="rounded text-accent underline decoration-accent/40 underline-offset-2"
          >
            Connect an agent
          </Link>
        ) : (
          'received here'
        )}
      </Stat>
      {(state?.readers ?? []).map((lag) => (
        <Stat
          key={lag.reader}
          label={`${readerWords[lag.reader] ?? lag.reader} behind`}
          value={formatDuration(lag.seconds * 1000)}
        >
          {lag.events === 0 ? 'nothing waits' : `${formatCount(lag.events)} events wait`}
        </Stat>
      ))}
    </section>
  );
}
