'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';

/**
 * Places a stop. It answers after the drain; until then nothing may be called stopped. Everything that
 * shows stops is asked again, whatever came of it: an answer that was lost may have been a stop.
 */
export function usePlaceStop() {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  return useMutation(
    trpc.stops.place.mutationOptions({
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.stops.pathKey() }),
    }),
  );
}
