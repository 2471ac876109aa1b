'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { StopDetail } from '#server/containment/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useToast } from '../ui/toast.tsx';
import { recoveryWords } from './recovery-words.ts';

/** What is to be looked at before the lift, who did, and the way to say so. It holds no lift up. */
export function StopRecovery(props: {
  readonly stop: Pick<StopDetail, 'id' | 'checks'>;
  /** Why this person may not say it; null when they may. */
  readonly refusal: string | null;
}) {
  const { stop, refusal } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const check = useMutation(
    trpc.stops.check.mutationOptions({
      onError: (error) => toast.failed('It was not kept', readProblem(error).sentence),
      onSettled: () =>
        queryClient.invalidateQueries({ queryKey: trpc.stops.get.queryKey({ id: stop.id }) }),
    }),
  );
  return (
    <div className="flex flex-col gap-2.5">
      <ul className="flex flex-col gap-2.5">
        {stop.checks.map(({ point, isDone, by, at }) => (
          <li key={point} className="flex flex-col gap-0.5">
            <Checkbox
              isChecked={isDone}
              isDisabled={refusal !== null || check.isPending}
              onChange={(value) => check.mutate({ id: stop.id, point, isDone: value })}
            >
              <span className="text-sm font-medium">{recoveryWords[point].label}</span>
            </Checkbox>
            <p className="pl-6 text-xs text-ink-muted">
              {recoveryWords[point].means}
              {by === null || at === null ? null : (
                <span className="block text-ink-faint">
                  {isDone ? 'Said' : 'Taken back'} by {by} <RelativeTime at={at} />
                </span>
              )}
            </p>
          </li>
        ))}
      </ul>
      <p className="text-xs text-ink-muted">
        {refusal ?? 'These are people’s words. A lift is possible without them, and says so.'}
      </p>
    </div>
  );
}
