'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { OctagonX, Play, UserCheck } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import type { Resumption, StopDetail } from '#server/containment/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { useToast } from '../ui/toast.tsx';
import { verdictWords, workSentence } from './resumption-words.ts';
import { ReasonText } from './reason-text.tsx';
import { useStopControl } from './stop-context.tsx';
import type { LiftRules } from './stop-lifts.tsx';
import { useStopPhase } from './stop-phase-badge.tsx';
import { phaseRefusal } from './stop-words.ts';
import { VerdictBadge } from './verdict-badge.tsx';

// Asked for by few; the page does without it.
const ResumeForm = dynamic(() => import('./resume-form.tsx').then((parts) => parts.ResumeForm), {
  loading: () => null,
});

function HoldAgain(props: { readonly stopId: string; readonly agentId: string }) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const { refusal } = useStopControl();
  const hold = useMutation(
    trpc.stops.holdAgain.mutationOptions({
      onSuccess: ({ changed }) => {
        if (changed) toast.done('Held again', 'The stop covers it as before.');
        else toast.done('Nothing changed', 'The stop held it already.');
      },
      onError: (error) => toast.failed('It was not held', readProblem(error).sentence),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.stops.pathKey() }),
    }),
  );
  return (
    <Button
      size="sm"
      look="danger"
      disabledReason={refusal}
      isBusy={hold.isPending}
      onClick={() =>
        hold.mutate({ id: props.stopId, agentId: props.agentId, reason: 'Held again by hand' })
      }
    >
      <OctagonX aria-hidden />
      Hold it again
    </Button>
  );
}

function Watched(props: {
  readonly tenant: string;
  readonly stopId: string;
  readonly one: Resumption;
  readonly isOver: boolean;
}) {
  const { one } = props;
  const isOpen = one.endedAt === null;
  return (
    <li className="flex flex-col gap-1.5 rounded border border-line px-3 py-2.5">
      <div className="flex flex-wrap items-center gap-2">
        <Link
          href={links.agent(props.tenant, one.agent)}
          className="text-sm font-medium hover:underline"
        >
          {one.agent}
        </Link>
        <VerdictBadge verdict={one.verdict} />
        <span className="ml-auto" />
        {isOpen && !props.isOver ? <HoldAgain stopId={props.stopId} agentId={one.agentId} /> : null}
      </div>
      <p className="text-xs text-ink-muted tabular-nums">
        {isOpen ? 'Works again since' : 'Worked again from'} <Instant at={one.at} part="second" />
        {isOpen ? (
          <>
            , watched until <Instant at={one.watchedUntil} part="second" /> (
            <RelativeTime at={one.watchedUntil} />
            ).
          </>
        ) : (
          <>
            {' '}
            to <Instant at={one.endedAt ?? one.watchedUntil} part="second" />.
          </>
        )}{' '}
        {workSentence(one)}{' '}
        {one.lastSeenAt === null ? (
          'No telemetry of it so far.'
        ) : (
          <>
            Last telemetry <RelativeTime at={one.lastSeenAt} />.
          </>
        )}
      </p>
      {one.endReason === null ? (
        <p className="text-xs text-ink-muted">{verdictWords[one.verdict].means}</p>
      ) : (
        <p className="text-xs">
          <ReasonText reason={one.endReason} />
        </p>
      )}
    </li>
  );
}

/** The careful way out of a stop of many: one agent first, watched, while the stop stands for the rest. */
export function StopResuming(props: {
  readonly tenant: string;
  readonly stop: StopDetail;
  readonly rules: LiftRules;
}) {
  const { tenant, stop, rules } = props;
  const [asking, setAsking] = useState<string | null>(null);
  const phase = useStopPhase(stop);
  const isOver = phase === 'lifted';
  const { resumptions, asked } = stop.resuming ?? { resumptions: [], asked: [] };
  if (isOver && resumptions.length === 0) {
    return <p className="text-sm text-ink-muted">No agent went first.</p>;
  }
  const [waiting] = asked;
  const isMine = asked.some(({ by }) => by === rules.me);
  return (
    <div className="flex flex-col gap-3">
      {isOver ? null : (
        <p className="text-sm text-ink-muted">
          One agent works again and is watched for {rules.watchMinutes} minutes; the stop stands for
          all others. A grave alert of it, or a press of stop, holds it again. Nothing else happens
          by itself.
        </p>
      )}
      {resumptions.length === 0 ? null : (
        <ul aria-label="Agents that went first" className="flex flex-col gap-2">
          {resumptions.map((one) => (
            <Watched
              key={`${one.agentId} ${one.at}`}
              tenant={tenant}
              stopId={stop.id}
              one={one}
              isOver={isOver}
            />
          ))}
        </ul>
      )}
      {asked.map(({ agent, by, at }) => (
        <p key={`${agent} ${by} ${at}`} className="flex items-baseline gap-2 text-sm">
          <UserCheck aria-hidden className="size-3.5 shrink-0 self-center text-accent" />
          <span>
            <span className="font-medium">{by}</span> asked for{' '}
            <span className="font-medium">{agent}</span> <RelativeTime at={at} />
          </span>
        </p>
      ))}
      {isOver ? null : (
        <div>
          <Button
            disabledReason={rules.refusal ?? phaseRefusal(phase)}
            onClick={() => setAsking(isMine ? '' : (waiting?.agent ?? ''))}
          >
            <Play aria-hidden />
            Let one agent go first…
          </Button>
        </div>
      )}
      {asking === null ? null : (
        <ResumeForm stop={stop} rules={rules} agent={asking} onClose={() => setAsking(null)} />
      )}
    </div>
  );
}
