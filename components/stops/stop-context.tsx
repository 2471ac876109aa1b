'use client';

import { useQueryClient } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { createContext, useContext, useState, type ReactNode } from 'react';
import { useTRPC } from '../trpc/client.ts';
import { useToast } from '../ui/toast.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import type { StopReason } from './stop-words.ts';
import { type ScopeDraft, suggestScope } from './suggest-scope.ts';

/** What the dialog begins with. */
export interface StopWish {
  readonly scope: ScopeDraft;
  readonly reason?: StopReason;
}

interface StopControl {
  /** Opens the dialog; never stops by itself. Without a wish it begins with what the page is about. */
  readonly open: (wish?: StopWish) => void;
  /** Why this person may not stop anything; null when they may. */
  readonly refusal: string | null;
}

const Context = createContext<StopControl>({ open: () => undefined, refusal: null });

/** The way to the stop dialog, for a button on any page. */
export function useStopControl(): StopControl {
  return useContext(Context);
}

// It comes when it is first asked for, or shortly after the page: no page carries it at once.
const loadDialog = () => import('./stop-dialog.tsx').then((module) => module.StopDialog);
const StopDialog = dynamic(loadDialog, { loading: () => null });

/** Fetches the dialog ahead of the press, when a pointer or the focus comes near. */
export function warmStopDialog(): void {
  void loadDialog().catch(() => undefined);
}

function usePageScope(): () => ScopeDraft {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return () =>
    suggestScope(location.pathname, new URLSearchParams(location.search), {
      agentOfAlert: (id) =>
        queryClient.getQueryData(trpc.alerts.get.queryKey({ id }))?.agent ?? null,
      agentOfTrace: (traceId) =>
        queryClient.getQueryData(trpc.traces.get.queryKey({ traceId }))?.agents.at(0) ?? null,
    });
}

/**
 * Holds the stop dialog for every page below, and the key that opens it. The reason shown to those
 * who may not is told by the server's own table.
 */
export function StopProvider(props: {
  readonly tenant: string;
  readonly refusal: string | null;
  readonly children: ReactNode;
}) {
  const { refusal } = props;
  const [wish, setWish] = useState<StopWish | null>(null);
  const pageScope = usePageScope();
  const toast = useToast();
  const control: StopControl = {
    refusal,
    open: (asked) => {
      if (refusal === null) setWish(asked ?? { scope: pageScope() });
      else toast.failed('You may not stop agents', refusal);
    },
  };
  useShortcuts({ '[Shift]+!': () => control.open() });
  return (
    <Context value={control}>
      {props.children}
      {wish === null ? null : (
        <StopDialog tenant={props.tenant} wish={wish} onClose={() => setWish(null)} />
      )}
    </Context>
  );
}
