'use client';

import { Plus, X } from 'lucide-react';
import dynamic from 'next/dynamic';
import { useState } from 'react';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { IconButton } from '../ui/icon-button.tsx';
import { useMarkForDrills } from './use-mark-for-drills.ts';

// Comes when somebody marks an agent, which is seldom.
const MarkAgentForm = dynamic(
  () => import('./mark-agent-form.tsx').then((parts) => parts.MarkAgentForm),
  { loading: () => null },
);

/** Which agents may be stopped for exercise, and the way to mark another one. */
export function DrillAgents(props: {
  readonly agents: readonly { readonly id: string; readonly slug: string }[];
  /** Why this person may not mark agents; null when they may. */
  readonly refusal: string | null;
}) {
  const { agents, refusal } = props;
  const [isMarking, setIsMarking] = useState(false);
  const mark = useMarkForDrills();
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
      {isMarking ? (
        <MarkAgentForm />
      ) : (
        <div>
          <Button size="sm" disabledReason={refusal} onClick={() => setIsMarking(true)}>
            <Plus aria-hidden />
            Mark an agent…
          </Button>
        </div>
      )}
    </section>
  );
}
