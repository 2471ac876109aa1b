'use client';

import { StaleBanner } from '../ui/banner.tsx';
import { Instant } from '../ui/relative-time.tsx';
import { useClock } from '../ui/use-clock.ts';
import { useStreamFacts } from './live-provider.tsx';
import { deriveLiveState } from './live-state.ts';

/** Says across the page that what is shown is old, and since when; nothing while it is current. */
export function StaleStreamBanner() {
  const facts = useStreamFacts();
  const status = useClock((nowMs) => deriveLiveState(facts, nowMs).status);
  if (status !== 'lost' || facts.heardAtMs === null) return null;
  return (
    <StaleBanner since={<Instant at={facts.heardAtMs} part="second" />}>
      There is no connection to the server; it is being tried again.
    </StaleBanner>
  );
}
