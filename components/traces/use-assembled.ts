'use client';

import type { QueryKey } from '@tanstack/react-query';
import { useRef } from 'react';
import { useLiveRefetch } from '../live/use-live-refetch.ts';

/**
 * Asks again for queries over what the assembler keeps, when it has moved on: an event that has
 * only just come in is not in the lists yet.
 */
export function useAssembled(queryKeys: readonly QueryKey[], periodMs: number): void {
  const seen = useRef<string | undefined>(undefined);
  useLiveRefetch({
    concerns: (batch) => {
      const position = batch.derived['assembler'];
      const isMoved = position !== seen.current;
      seen.current = position;
      return isMoved;
    },
    queryKeys,
    periodMs,
  });
}
