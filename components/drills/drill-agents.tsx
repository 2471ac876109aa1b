'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { SuggestInput } from '../ui/suggest-input.tsx';
import { useToast } from '../ui/toast.tsx';

const nameCharsMax = 128;
const suggestionsMax = 50;

function useMark(onDone: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation(
    trpc.agents.change.mutationOptions({
      onSuccess: onDone,
      onError: (error) => toast.failed('The agent was not changed', readProblem(error).sentence),
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.drills.pathKey() }),
    }),
  );
}

/** Which agents may be stopped for exercise, and the way to mark another one. */
export function DrillAgents(props: {
  readonly agents: readonly { readonly id: string; readonly slug: string }[];
  /** Why this person may not mark agents; null when they may. */
  readonly refusal: string | null;
}) {
  const { agents, refusal } = props;
  const [name, setName] = useState('');
  const trpc = useTRPC();
  const found = useQuery(
    trpc.agents.list.queryOptions(
      { limit: suggestionsMax, ...(name === '' ? {} : { search: name }) },
      { placeholderData: (old) => old },
    ),
  );
  const items = found.data?.items ?? [];
  const chosen = items.find(({ slug }) => slug === name.trim());
  const mark = useMark(() => setName(''));
  return (
    <section aria-label="Agents for drills" className="flex flex-col gap-2 px-4 py-3">
      <h2 className="text-xs font-semibold text-ink-muted">Agents for drills</h2>
      {agents.length === 0 ? (
        <p className="text-sm text-ink-muted">
          None is marked. A drill really stops its agent, so mark one that nobody depends on.
        </p>
      ) : (
        <ul className="flex flex-wrap gap-2">
          {agents.map(({ id, slug }) => (
            <li key={id} className="flex items-center gap-0.5">
              <Badge>{slug}</Badge>
              {refusal === null ? (
                <IconButton
                  size="sm"
                  label={`Take ${slug} out of drills`}
                  onClick={() => mark.mutate({ id, isDrill: false })}
                >
                  <X aria-hidden />
                </IconButton>
              ) : null}
            </li>
          ))}
        </ul>
      )}
      <div className="flex max-w-md gap-2">
        <SuggestInput
          label="Agent to mark for drills"
          value={name}
          suggestions={items.filter((one) => !one.isDrill).map(({ slug }) => slug)}
          placeholder="Name of an agent"
          charsMax={nameCharsMax}
          className="min-w-0 flex-1"
          onChange={setName}
        />
        <Button
          disabledReason={
            refusal ?? (chosen === undefined ? 'Choose an agent by its name first.' : null)
          }
          isBusy={mark.isPending}
          onClick={() => {
            if (chosen !== undefined) mark.mutate({ id: chosen.id, isDrill: true });
          }}
        >
          Mark for drills
        </Button>
      </div>
    </section>
  );
}
