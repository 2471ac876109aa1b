'use client';

import { useQuery } from '@tanstack/react-query';
import type { DeepFinding } from '#server/detection/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Badge } from '../ui/badge.tsx';

type Scored = Extract<DeepFinding, { state: 'scored' }>;

const verdictLooks = {
  clean: { word: 'reads like content', tone: 'neutral' },
  suspicious: { word: 'reads like an instruction', tone: 'warn' },
  malicious: { word: 'reads like an instruction', tone: 'danger' },
} as const satisfies Record<Scored['verdict'], { word: string; tone: string }>;

/** What the classifier of the deep layer makes of untrusted content; nothing for all other events. */
export function DeepFindingLine(props: { readonly eventId: string; readonly revision: number }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.alerts.deepFinding.queryOptions(props));
  if (query.isPending) return <p className="text-xs text-ink-faint">The deep layer reads it …</p>;
  if (query.data === undefined) {
    return (
      <p className="text-xs text-high">
        The deep layer was not asked: {readProblem(query.error).sentence}
      </p>
    );
  }
  if (query.data.state !== 'scored') return null;
  const { score, verdict, model } = query.data;
  const look = verdictLooks[verdict];
  return (
    <p className="flex flex-wrap items-center gap-2 text-xs text-ink-muted">
      <Badge tone={look.tone}>{look.word}</Badge>
      Deep layer: {score.toFixed(2)} of 1, suspicious from 0.50, by {model}
    </p>
  );
}
