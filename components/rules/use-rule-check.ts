'use client';

import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useState } from 'react';
import { useTRPCClient } from '../trpc/client.ts';

/** A pause in typing after which the text is looked at. */
const pauseMs = 300;

/** The text once typing has paused. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), pauseMs);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}

/**
 * What the server makes of a rule's text, its tests run there; the answer to an earlier text stays
 * until the next is here. `isCurrent` tells whether it is about the very text.
 */
export function useRuleCheck(text: string, isAllowed: boolean) {
  const client = useTRPCClient();
  const settled = useSettled(text);
  const query = useQuery({
    queryKey: ['rule-check', settled],
    queryFn: async () => ({
      text: settled,
      check: await client.rules.check.mutate({ source: settled }),
    }),
    enabled: isAllowed,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
  });
  return {
    check: query.data?.check ?? null,
    isCurrent: query.data?.text === text,
    error: query.error,
  };
}
