/** What the connection badge says. `asleep`: every tab was hidden, so the stream was let go. */
export type LiveStatus = 'connecting' | 'live' | 'behind' | 'lost' | 'asleep';

/** What is known of the stream; the same in every tab of the browser. */
export interface StreamFacts {
  /** `open`: the server tells what changes. `broken`: the last attempt failed and another is under way. */
  readonly phase: 'closed' | 'opening' | 'open' | 'broken';
  /** When the last message came in (this browser's clock, epoch ms); null before the first. */
  readonly heardAtMs: number | null;
}

/** A sign of life comes every two seconds; silence of this length is told as lag. */
export const behindAfterMs = 5_000;
/** Silence of this length, and what is shown can no longer be called current. */
export const lostAfterMs = 30_000;

/**
 * What a person may believe about what they see. An open stream that has gone quiet is behind by
 * its silence, whatever the transport thinks of itself; a broken one is behind at once.
 */
export function deriveLiveState(
  facts: StreamFacts,
  nowMs: number,
): { readonly status: LiveStatus; readonly silentMs: number } {
  const silentMs = facts.heardAtMs === null ? 0 : Math.max(0, nowMs - facts.heardAtMs);
  if (facts.phase === 'closed') return { status: 'asleep', silentMs };
  if (facts.heardAtMs === null) {
    return { status: facts.phase === 'broken' ? 'lost' : 'connecting', silentMs };
  }
  if (silentMs >= lostAfterMs) return { status: 'lost', silentMs };
  if (silentMs >= behindAfterMs || facts.phase === 'broken') return { status: 'behind', silentMs };
  return { status: 'live', silentMs };
}
