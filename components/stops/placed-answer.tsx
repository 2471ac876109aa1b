'use client';

import { useQuery } from '@tanstack/react-query';
import { CircleAlert, CircleCheck, Hourglass, Info } from 'lucide-react';
import type { ReactNode } from 'react';
import type { StopDetail } from '#server/containment/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { buttonLook } from '../ui/button-look.ts';
import { classNames } from '../ui/class-names.ts';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { isAllQuiet, ladderSentence } from './prepare-ladder.ts';
import { useStopPhase } from './stop-phase-badge.tsx';
import { ScopeName } from './scope-name.tsx';
import { StopNote } from './stop-note.tsx';
import { ladderRefetchMs } from './use-standing-stops.ts';

type Mark = 'done' | 'waiting' | 'note' | 'failed';

const marks: Readonly<Record<Mark, ReactNode>> = {
  done: <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />,
  waiting: <Hourglass aria-hidden className="mt-0.5 size-4 shrink-0 text-medium" />,
  note: <Info aria-hidden className="mt-0.5 size-4 shrink-0 text-accent" />,
  failed: <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-critical" />,
};

/** One step of what was asked and what of it is proven. */
export function AnswerLine(props: { readonly mark: Mark; readonly children: ReactNode }) {
  return (
    <li className="flex gap-2.5 text-sm">
      {marks[props.mark]}
      <span className="min-w-0 flex-1">{props.children}</span>
    </li>
  );
}

function Steps({ stop, isChanged }: { readonly stop: StopDetail; readonly isChanged: boolean }) {
  const phase = useStopPhase(stop);
  return (
    <ol className="flex flex-col gap-2.5">
      {isChanged ? (
        <AnswerLine mark="done">
          Requested for <ScopeName scope={stop.scope} /> at{' '}
          <Instant at={stop.placedAt} part="second" />. New decisions are refused since then.
        </AnswerLine>
      ) : (
        <AnswerLine mark="note">
          Already stopped by <strong className="font-medium">{stop.placedBy}</strong>{' '}
          <RelativeTime at={stop.placedAt} /> (<Instant at={stop.placedAt} part="second" />
          ): <ScopeName scope={stop.scope} />. Your press changed nothing; it is noted in the audit
          log.
        </AnswerLine>
      )}
      {phase === 'draining' ? (
        <AnswerLine mark="waiting">
          Draining: what was being granted at that instant is waited for. It is not confirmed yet.
        </AnswerLine>
      ) : (
        <AnswerLine mark="done">
          Confirmed at <Instant at={stop.acknowledgedAt ?? stop.placedAt} part="second" />: nothing
          is granted or redeemed in its scope from here on.
        </AnswerLine>
      )}
      <AnswerLine mark={isAllQuiet(stop.counts) ? 'done' : 'waiting'}>
        Agents: {ladderSentence(stop.counts)}.
      </AnswerLine>
    </ol>
  );
}

/** What came of a press: requested, confirmed, and how far the agents are, each when it is proven. */
export function PlacedAnswer(props: {
  readonly tenant: string;
  readonly stopId: string;
  /** False: the stop stood already. */
  readonly isChanged: boolean;
  /** Called when somebody goes on to the stop's page: the dialog must not lie over it. */
  readonly onGo: () => void;
}) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.stops.get.queryOptions({ id: props.stopId }, { refetchInterval: ladderRefetchMs }),
  );
  return (
    <div className="flex flex-col gap-4" aria-live="polite">
      {query.data === undefined ? (
        query.isError ? (
          <p role="alert" className="text-sm text-medium">
            The stop is placed; what it reached could not be read:{' '}
            {readProblem(query.error).sentence}
          </p>
        ) : (
          <Skeleton className="h-16" />
        )
      ) : (
        <Steps stop={query.data} isChanged={props.isChanged} />
      )}
      <Link
        href={links.stop(props.tenant, props.stopId)}
        onClick={props.onGo}
        className={classNames(buttonLook({ look: 'primary' }), 'self-start')}
      >
        Open the stop
      </Link>
      <StopNote stopId={props.stopId} />
    </div>
  );
}
