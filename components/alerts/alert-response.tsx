'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { CircleCheck, CircleSlash, CircleX, Hourglass, type LucideIcon, Undo2 } from 'lucide-react';
import type { RuleResponse } from '#server/containment/respond/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useContainmentRules } from '../containments/containment-rules.tsx';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

const looks: Readonly<
  Record<
    RuleResponse['state'],
    { readonly word: string; readonly tone: BadgeTone; readonly Icon: LucideIcon }
  >
> = {
  due: { word: 'ordered', tone: 'neutral', Icon: Hourglass },
  running: { word: 'being done', tone: 'accent', Icon: Hourglass },
  done: { word: 'done by itself', tone: 'accent', Icon: CircleCheck },
  failed: { word: 'failed', tone: 'danger', Icon: CircleX },
  capped: { word: 'held back by the cap', tone: 'warn', Icon: CircleSlash },
  skipped: { word: 'not done', tone: 'warn', Icon: CircleSlash },
  undone: { word: 'undone', tone: 'neutral', Icon: Undo2 },
};

const refetchMs = 1_500;

/** What the rule of an alert did by itself, and one press that undoes it; nothing where it does nothing. */
export function AlertResponse(props: { readonly tenant: string; readonly alertId: string }) {
  const { tenant, alertId } = props;
  const { releaseRefusal } = useContainmentRules();
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const query = useQuery(
    trpc.responses.ofAlert.queryOptions(
      { alertId },
      {
        refetchInterval: ({ state }) =>
          state.data?.state === 'due' || state.data?.state === 'running' ? refetchMs : false,
      },
    ),
  );
  const undo = useMutation(
    trpc.responses.undo.mutationOptions({
      onSettled: async () => {
        for (const queryKey of [trpc.responses.pathKey(), trpc.stops.pathKey()]) {
          await queryClient.invalidateQueries({ queryKey });
        }
      },
    }),
  );
  const response = query.data;
  if (response === undefined || response === null) return null;
  const { word, tone, Icon } = looks[response.state];
  return (
    <section aria-label="By itself" className="border-t border-line px-4 py-4 sm:px-5">
      <h3 className="mb-2.5 text-xs font-semibold text-ink-muted">What the rule did by itself</h3>
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1.5 text-sm">
        <Badge tone={tone}>
          <Icon aria-hidden />
          {word}
        </Badge>
        <span className="min-w-48 flex-1">
          {response.says}{' '}
          <span className="text-xs text-ink-muted">
            <RelativeTime at={response.undoneAt ?? response.orderedAt} />
            {response.undoneBy === null ? '' : `, by ${response.undoneBy}`}
          </span>
        </span>
        {response.stopId === null ? null : (
          <Link href={links.stop(tenant, response.stopId)} className="underline">
            The stop
          </Link>
        )}
        {response.containmentId === null || response.agent === null ? null : (
          <Link href={links.agent(tenant, response.agent)} className="underline">
            The containment
          </Link>
        )}
        {response.mayUndo ? (
          <Button
            size="sm"
            isBusy={undo.isPending}
            disabledReason={releaseRefusal}
            onClick={() => undo.mutate({ id: response.id })}
          >
            <Undo2 aria-hidden />
            Undo
          </Button>
        ) : null}
      </div>
      {undo.isError ? (
        <p role="alert" className="mt-2 text-sm text-critical">
          {readProblem(undo.error).sentence}
        </p>
      ) : null}
    </section>
  );
}
