'use client';

import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { SuggestInput } from '../ui/suggest-input.tsx';
import { useMarkForDrills } from './use-mark-for-drills.ts';

const nameCharsMax = 128;
const suggestionsMax = 50;

/** Looks for an agent by its name and marks it for drills. */
export function MarkAgentForm() {
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
  const mark = useMarkForDrills();
  return (
    <div className="flex max-w-md gap-2">
      <SuggestInput
        label="Agent to mark for drills"
        value={name}
        suggestions={items.filter((one) => !one.isDrill).map(({ slug }) => slug)}
        placeholder="Name of an agent"
        charsMax={nameCharsMax}
        takesFocus
        className="min-w-0 flex-1"
        onChange={setName}
      />
      <Button
        disabledReason={chosen === undefined ? 'Choose an agent by its name first.' : null}
        isBusy={mark.isPending}
        onClick={() => {
          if (chosen === undefined) return;
          mark.mutate({ id: chosen.id, isDrill: true }, { onSuccess: () => setName('') });
        }}
      >
        Mark for drills
      </Button>
    </div>
  );
}
