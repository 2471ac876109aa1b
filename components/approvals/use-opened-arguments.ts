'use client';

import { useMutation } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { useToast } from '../ui/toast.tsx';
import { hiddenRows } from './argument-table.tsx';
import { compareArguments, isShownAtOnce } from './prepare-arguments.ts';

const noRows = { rows: [], removed: [] } as const;

/**
 * Sealed arguments, opened on demand (each opening is recorded), and what of them was drawn so far.
 * They live in this component alone: no cache keeps them when it is left. Once the request is another
 * (`digest`, null while that is not known), what was opened is not it: it has to be opened again.
 */
export function useOpenedArguments(id: string, digest: string | null) {
  const trpc = useTRPC();
  const toast = useToast();
  const open = useMutation(
    trpc.approvals.open.mutationOptions({
      gcTime: 0,
      onError: (error) => toast.failed('Not opened', readProblem(error).sentence),
    }),
  );
  const found = open.data ?? null;
  const opened = found !== null && digest !== null && found.digest !== digest ? null : found;
  const compared = useMemo(
    () =>
      opened === null
        ? noRows
        : compareArguments(
            opened.canonical,
            opened.asAsked ?? opened.lastApproved?.canonical ?? null,
          ),
    [opened],
  );
  const [viewed, setViewed] = useState<ReadonlySet<string>>(new Set());
  const [isWhole, setIsWhole] = useState(false);
  const [isEndSeen, setIsEndSeen] = useState(false);
  const [revealed, setRevealed] = useState<ReadonlySet<number>>(new Set());
  const add = <Item>(set: ReadonlySet<Item>, item: Item) => new Set([...set, item]);
  const unread = compared.rows.filter(
    (row) => !isShownAtOnce(row.text) && !viewed.has(row.pointer),
  ).length;
  return {
    opened,
    ...compared,
    open: () => {
      setViewed(new Set());
      setIsWhole(false);
      setIsEndSeen(false);
      setRevealed(new Set());
      open.mutate({ id });
    },
    /** It was opened, and has become another since. */
    isOutdated: found !== null && opened === null,
    isOpening: open.isPending,
    /** Values and rows that were not drawn to their end yet. */
    unviewed: opened === null ? 0 : unread + (isWhole ? 0 : hiddenRows(compared.rows.length)),
    /** Whether the last of them was in sight: what lies below the fold was not read. */
    isEndSeen,
    onEndSeen: () => setIsEndSeen(true),
    masked: opened === null ? 0 : opened.masked.length - revealed.size,
    onViewed: (pointer: string) => setViewed((old) => add(old, pointer)),
    onAllRows: () => setIsWhole(true),
    onRevealed: (index: number) => setRevealed((old) => add(old, index)),
  };
}
export type Opened = ReturnType<typeof useOpenedArguments>;
