'use client';

import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import dynamic from 'next/dynamic';
import type { StopDetail } from '#server/containment/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { Fact, Section } from '../ui/detail-parts.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { isAllQuiet, ladderSentence } from './prepare-ladder.ts';
import { ReasonText } from './reason-text.tsx';
import { ScopeName } from './scope-name.tsx';
import { useStopControl } from './stop-context.tsx';
import { StopLadder } from './stop-ladder.tsx';
import { type LiftRules, StopLifts } from './stop-lifts.tsx';
import { StopRecovery } from './stop-recovery.tsx';
import { StopPhaseBadge, useStopPhase } from './stop-phase-badge.tsx';
import { cutLevel, scopeWords, wordsOfLevel } from './stop-words.ts';
import { ladderRefetchMs } from './use-standing-stops.ts';

// Only what a stop of level 3 or 4 has.
const ContainmentPanel = dynamic(
  () => import('../containments/containment-panel.tsx').then((parts) => parts.ContainmentPanel),
  { loading: () => null },
);

// Only for whoever may lift.
const StopNote = dynamic(() => import('./stop-note.tsx').then((parts) => parts.StopNote), {
  loading: () => null,
});

// Only what a stop of many agents has.
const StopResuming = dynamic(
  () => import('./stop-resuming.tsx').then((parts) => parts.StopResuming),
  { loading: () => null },
);

function Facts({ stop }: { readonly stop: StopDetail }) {
  const level = wordsOfLevel(stop.level);
  return (
    <section className="px-4 py-4 sm:px-5">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 xl:grid-cols-3">
        <Fact name="Requested">
          <Instant at={stop.placedAt} part="second" />
        </Fact>
        <Fact name="Confirmed">
          {stop.acknowledgedAt === null ? (
            <span className="text-medium">not yet: draining</span>
          ) : (
            <Instant at={stop.acknowledgedAt} part="second" />
          )}
        </Fact>
        <Fact name="By">{stop.placedBy}</Fact>
        <Fact name="Why">
          <ReasonText reason={stop.reason} />
        </Fact>
        <Fact name="Covers">{scopeWords[stop.scope.kind].covers}</Fact>
        <Fact name="Id">
          <CopyableId id={stop.id} shown={`…${stop.id.slice(-8)}`} />
        </Fact>
      </dl>
      <dl className="mt-3 grid gap-3 sm:grid-cols-2">
        <Fact name={`Level ${stop.level}, ${level.word.toLowerCase()}`}>{level.does}</Fact>
        <Fact name="What it cannot do">{level.cannot}</Fact>
      </dl>
    </section>
  );
}

/** One stop in full: how far it is proven, instance by instance, and how it is lifted. */
function OpenStop(props: {
  readonly tenant: string;
  readonly stopId: string;
  readonly rules: LiftRules;
  readonly onClose: () => void;
}) {
  const { onClose } = props;
  const { refusal } = useStopControl();
  const trpc = useTRPC();
  const query = useQuery(
    trpc.stops.get.queryOptions(
      { id: props.stopId },
      {
        refetchInterval: ({ state }) => (state.data?.state === 'lifted' ? false : ladderRefetchMs),
      },
    ),
  );
  useShortcuts({ Escape: onClose });
  const stop = query.data;
  if (stop === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the stop" />;
    return <LoadFailure noun="stop" query={query} onClose={onClose} />;
  }
  return (
    <article aria-label="Stop" className="min-h-0 flex-1 overflow-y-auto">
      <StopHead stop={stop} onClose={onClose} />
      <Facts stop={stop} />
      <Section title="What is proven, instance by instance">
        <StopLadder tenant={props.tenant} stop={stop} />
      </Section>
      {stop.level < cutLevel ? null : (
        <Section title="Credentials and evidence">
          <ContainmentPanel tenant={props.tenant} of={{ stopId: stop.id }} />
        </Section>
      )}
      <Section title="Looked at before the lift">
        <StopRecovery stop={stop} refusal={refusal} />
      </Section>
      {stop.resuming === null ? null : (
        <Section title="One agent first">
          <StopResuming tenant={props.tenant} stop={stop} rules={props.rules} />
        </Section>
      )}
      <Section title="Lift">
        <StopLifts stop={stop} rules={props.rules} />
      </Section>
      {refusal === null ? (
        <Section title="In your own words">
          <StopNote stopId={stop.id} />
        </Section>
      ) : null}
    </article>
  );
}

function StopHead(props: { readonly stop: StopDetail; readonly onClose: () => void }) {
  const { stop } = props;
  const phase = useStopPhase(stop);
  return (
    <header className="sticky top-0 z-10 flex items-start gap-3 border-b border-line bg-canvas px-4 py-3 sm:px-5">
      <div className="min-w-0 flex-1">
        <div className="mb-1.5 flex flex-wrap items-center gap-2">
          <StopPhaseBadge stop={stop} />
          {phase === 'lifted' ? null : (
            <span
              className={
                isAllQuiet(stop.counts) ? 'text-xs text-ok' : 'text-xs text-ink-muted tabular-nums'
              }
            >
              {ladderSentence(stop.counts)}
            </span>
          )}
        </div>
        <h2 className="text-lg leading-snug font-semibold tracking-tight">
          Stop of <ScopeName scope={stop.scope} />
        </h2>
      </div>
      <IconButton label="Close" size="sm" onClick={props.onClose}>
        <X />
      </IconButton>
    </header>
  );
}

/** The right side of the list: the open stop, or a word on how to open one. */
export function StopPane(props: {
  readonly tenant: string;
  readonly stopId: string | null;
  readonly rules: LiftRules;
  readonly onClose: () => void;
}) {
  const { stopId } = props;
  if (stopId === null) {
    return <NothingChosen noun="stop" />;
  }
  return <OpenStop {...props} stopId={stopId} key={stopId} />;
}
