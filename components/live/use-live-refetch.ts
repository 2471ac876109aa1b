'use client';

import { useQueryClient, type QueryKey } from '@tanstack/react-query';
import { useEffect, useEffectEvent, useRef } from 'react';
import type { LiveBatch } from '#server/live/contract.ts';
import { useLiveBatches, useStreamFacts } from './live-provider.tsx';
import { createThrottle } from './throttle.ts';

/**
 * Asks for queries again when a batch of changes concerns them: at once, and at most once in
 * `periodMs` while changes keep coming. A batch that says changes were left out concerns everything.
 * In a hidden tab they only count as old, and are asked for when it is looked at. They are asked for
 * once more when the stream is open: what changed between the drawing of the page and that moment is
 * told by nobody.
 */
export function useLiveRefetch(options: {
  readonly concerns: (batch: LiveBatch) => boolean;
  readonly queryKeys: readonly QueryKey[];
  readonly periodMs: number;
}): void {
  const queryClient = useQueryClient();
  const { queryKeys, periodMs } = options;
  const throttle = useRef<ReturnType<typeof createThrottle> | null>(null);
  useEffect(() => () => throttle.current?.cancel(), []);
  const refetch = () => {
    // A tab that nobody looks at asks when it is looked at again: a dozen of them would take the six
    // connections of the browser from the one where somebody acts.
    const refetchType = document.visibilityState === 'hidden' ? 'none' : 'active';
    for (const queryKey of queryKeys) {
      void queryClient.invalidateQueries({ queryKey, refetchType });
    }
  };
  const refetchMissed = useEffectEvent(refetch);
  const isOpen = useStreamFacts().phase === 'open';
  useEffect(() => {
    if (isOpen) refetchMissed();
  }, [isOpen]);
  useLiveBatches((batch) => {
    if (!batch.isResync && !options.concerns(batch)) return;
    throttle.current ??= createThrottle(periodMs);
    throttle.current.run(refetch);
  });
}
