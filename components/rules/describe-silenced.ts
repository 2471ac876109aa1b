import type { FilteredTests } from '#server/detection/contract.ts';

/** What filters cost a rule of its own tests, one sentence; null where all of them still fire. */
export function describeSilenced(tests: FilteredTests | null): string | null {
  if (tests === null)
    return 'Its own tests were not tried with its filters, as that would take too long.';
  const { hits, silenced } = tests;
  if (silenced === 0) return null;
  return silenced === hits
    ? 'With its filters none of its own tests fires any more: it may find nothing.'
    : `With its filters ${silenced} of ${hits} of its own tests that must fire no longer do.`;
}
