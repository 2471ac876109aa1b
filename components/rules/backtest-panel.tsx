'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Backtest, BacktestResult } from '#server/detection/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { BareSelect } from '../ui/bare-select.tsx';
import { Button } from '../ui/button.tsx';
import { formatCount, formatCounted } from '../ui/format-quantity.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useToast } from '../ui/toast.tsx';
import { WouldBeAlerts } from './would-be-alerts.tsx';

const spans = [
  { value: '1', label: 'today' },
  { value: '7', label: '7 days' },
  { value: '30', label: '30 days' },
  { value: '90', label: '90 days' },
] as const;

/** How often a run is asked how far it is. */
const askMs = 400;
const isRunning = (backtest: Backtest | undefined) =>
  backtest?.state === 'queued' || backtest?.state === 'running';

/** Starting, following and cancelling runs of one rule, or of texts that belong to none yet. */
function useBacktests(ruleId: string | null) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const list = useQuery({
    ...trpc.backtests.list.queryOptions({ ruleId }),
    refetchInterval: ({ state }) => (isRunning(state.data?.items[0]) ? askMs : false),
  });
  const options = {
    onSuccess: () => queryClient.invalidateQueries({ queryKey: trpc.backtests.pathKey() }),
    onError: (error: unknown) => toast.failed('Not done', readProblem(error).sentence),
  };
  return {
    latest: list.data?.items[0],
    start: useMutation(trpc.backtests.start.mutationOptions(options)),
    cancel: useMutation(trpc.backtests.cancel.mutationOptions(options)),
  };
}

function Progress({ backtest }: { readonly backtest: Backtest }) {
  const { eventsRead, eventsTotal } = backtest;
  const share = eventsTotal === null || eventsTotal === 0 ? 0 : eventsRead / eventsTotal;
  return (
    <div className="flex flex-col gap-1 text-xs text-ink-muted">
      <progress
        aria-label="Progress of the backtest"
        value={share}
        className="h-1.5 w-full overflow-hidden rounded accent-(--color-accent)"
      />
      <span className="tabular-nums">
        {eventsTotal === null
          ? 'Waiting for a worker'
          : `${formatCount(eventsRead)} of ${formatCounted(eventsTotal, 'event')} read`}
      </span>
    </div>
  );
}

/** Alerts a day, as bars with their numbers beside them. */
function Days({ byDay }: { readonly byDay: BacktestResult['byDay'] }) {
  const most = Math.max(1, ...byDay.map(({ alerts }) => alerts));
  if (byDay.length < 2) return null;
  return (
    <ul aria-label="Alerts by day (UTC)" className="flex flex-col gap-0.5 text-xs">
      {byDay.slice(-14).map(({ day, alerts }) => (
        <li key={day} className="grid grid-cols-[5.5rem_1fr_3rem] items-center gap-2">
          <span className="text-ink-faint tabular-nums">{day}</span>
          <span
            className="h-2 rounded-sm bg-accent/70"
            style={{ width: `${(100 * alerts) / most}%` }}
          />
          <span className="text-right tabular-nums">{formatCount(alerts)}</span>
        </li>
      ))}
    </ul>
  );
}

/** What it would have done by itself, and what it would have left to people. */
function Responses({
  responses,
}: {
  readonly responses: NonNullable<BacktestResult['responses']>;
}) {
  const { action, agents, taken, capped, claimed } = responses;
  const left = [
    capped === 0 ? null : `${formatCounted(capped, 'alert')} beyond the cap of an hour`,
    claimed === 0 ? null : `${formatCounted(claimed, 'alert')} of events that were only claimed`,
  ].filter((part) => part !== null);
  return (
    <p className={taken === 0 ? 'text-xs text-ink-muted' : 'text-xs text-medium'}>
      By itself it would have {action === 'stop' ? 'stopped' : 'contained'}{' '}
      {formatCounted(agents, 'agent')}, {formatCounted(taken, 'time')} in all, judged by the first
      event of each alert.{left.length === 0 ? '' : ` Left to people: ${left.join(', ')}.`}
    </p>
  );
}

function Result(props: {
  readonly tenant: string;
  readonly backtest: Backtest;
  readonly result: BacktestResult;
}) {
  const { backtest, result } = props;
  return (
    <div className="flex flex-col gap-2.5">
      <p>
        <strong className="font-semibold">
          Would have opened {formatCounted(result.alerts, 'alert')}
        </strong>{' '}
        by {formatCounted(result.matches, 'event')} in {formatCounted(result.traces, 'trace')}.
      </p>
      <p className="text-xs text-ink-muted">
        {result.approvals === 0
          ? 'No action was approved after a match in its trace.'
          : `${formatCounted(result.approvals, 'action')} approved after a match in the same trace: the alert would have stood before the reviewer.`}
      </p>
      {result.responses === null ? null : <Responses responses={result.responses} />}
      {result.unknownFields.length === 0 ? null : (
        <p className="text-xs text-medium">
          It reads {result.unknownFields.join(', ')}, which stored events do not tell: what it would
          have made of them is unknown, and not counted.
        </p>
      )}
      {result.groupsForgotten === 0 ? null : (
        <p className="text-xs text-medium">
          {formatCounted(result.groupsForgotten, 'group')} forgotten because too many were open at a
          time: there may be more.
        </p>
      )}
      {result.isCut ? (
        <p className="text-xs text-medium">Not all of the period was read: there may be more.</p>
      ) : null}
      <Days byDay={result.byDay} />
      <WouldBeAlerts tenant={props.tenant} label="Samples" alerts={result.samples} />
      <p className="text-xs text-ink-faint tabular-nums">
        {formatCounted(backtest.eventsRead, 'event')} of{' '}
        {backtest.days === 1 ? 'today' : `${backtest.days} days`}
        {backtest.tookMs === null ? null : ` in ${(backtest.tookMs / 1000).toFixed(1)} s`}, asked by{' '}
        {backtest.requestedBy} <RelativeTime at={backtest.createdAt} />
      </p>
    </div>
  );
}

/** Runs the text over what is stored, before anybody is alerted by it. */
export function BacktestPanel(props: {
  readonly tenant: string;
  readonly ruleId: string | null;
  /** The text in the editor. */
  readonly source: string;
  /** Why it cannot run now, one sentence; null when it can. */
  readonly refusal: string | null;
}) {
  const { latest, start, cancel } = useBacktests(props.ruleId);
  const [days, setDays] = useState('7');
  const isBusy = isRunning(latest) || start.isPending;
  return (
    <div className="flex flex-col gap-3">
      <div className="flex flex-wrap items-center gap-2">
        <Button
          isBusy={isBusy}
          disabledReason={props.refusal}
          onClick={() =>
            start.mutate({ ruleId: props.ruleId, source: props.source, days: Number(days) })
          }
        >
          Run over
        </Button>
        <BareSelect
          aria-label="How far back"
          value={days}
          options={spans}
          onChange={(event) => setDays(event.target.value)}
        />
        {latest !== undefined && isRunning(latest) ? (
          <Button look="quiet" onClick={() => cancel.mutate({ id: latest.id })}>
            Cancel
          </Button>
        ) : null}
      </div>
      {latest === undefined ? (
        <p className="text-xs text-ink-muted">
          Counts what this text would have opened, with samples. It alerts nobody.
        </p>
      ) : null}
      {latest !== undefined && isRunning(latest) ? <Progress backtest={latest} /> : null}
      {latest !== undefined && latest.source !== props.source && !isRunning(latest) ? (
        <p className="text-xs text-medium">The text has changed since this ran.</p>
      ) : null}
      {latest?.state === 'cancelled' ? <p className="text-xs text-ink-muted">Cancelled.</p> : null}
      {latest === undefined || latest.failure === null ? null : (
        <p role="alert" className="text-xs text-critical">
          {latest.failure}
        </p>
      )}
      {latest === undefined || latest.result === null ? null : (
        <Result tenant={props.tenant} backtest={latest} result={latest.result} />
      )}
    </div>
  );
}
