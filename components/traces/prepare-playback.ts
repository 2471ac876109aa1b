import type { TraceNode } from './prepare-trace-tree.ts';

/** How fast a recorded second passes. */
export const playbackSpeeds = [0.5, 1, 4, 16, 64] as const;
export type PlaybackSpeed = (typeof playbackSpeeds)[number];

/** Waiting that nobody wants to watch: a gap between two moments takes this long at most. */
export const gapMsMax = 800;

/**
 * Every moment at which something begins or ends, in microseconds, ascending, each once. `others` are
 * moments beside the events: what was decided, redeemed or stopped meanwhile.
 */
export function momentsOf(nodes: readonly TraceNode[], others: Iterable<number> = []): number[] {
  const moments = new Set<number>(others);
  for (const node of nodes) {
    moments.add(node.event.startedAtUs);
    if (node.endedAtUs !== null) moments.add(Math.max(node.endedAtUs, node.event.startedAtUs));
  }
  return [...moments].toSorted((a, b) => a - b);
}

/** Index of the last moment at or before `atUs`, -1 when all come later. Logarithmic. */
export function momentAt(moments: readonly number[], atUs: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((moments[middle] ?? 0) <= atUs) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** The moment before or after; null at the end. From between two moments, the nearest that way. */
export function stepMoment(moments: readonly number[], atUs: number, step: 1 | -1): number | null {
  const index = momentAt(moments, atUs);
  if (step === 1) return moments[index + 1] ?? null;
  const isOnIt = moments[index] === atUs;
  return moments[isOnIt ? index - 1 : index] ?? null;
}

export interface PlaybackPlace {
  readonly atUs: number;
  /** Real time already spent on the way to the next moment. */
  readonly carriedMs: number;
  /** True when it came to a breakpoint or to the end, and stops there. */
  readonly isStopped: boolean;
}

/**
 * Where playback stands after `elapsedMs` of real time. It goes from moment to moment; a gap takes
 * its recorded length divided by the speed, `gapMsMax` at most. It stops on the first breakpoint
 * that it reaches (not on the one it starts from) and at the last moment.
 */
export function advancePlayback(
  moments: readonly number[],
  breakpoints: ReadonlySet<number>,
  place: { readonly atUs: number; readonly carriedMs: number },
  elapsedMs: number,
  speed: number,
): PlaybackPlace {
  let atUs = place.atUs;
  let budgetMs = place.carriedMs + elapsedMs;
  for (;;) {
    const next = stepMoment(moments, atUs, 1);
    if (next === null) return { atUs, carriedMs: 0, isStopped: true };
    const gapMs = Math.min((next - atUs) / 1000 / speed, gapMsMax);
    if (gapMs > budgetMs) return { atUs, carriedMs: budgetMs, isStopped: false };
    budgetMs -= gapMs;
    atUs = next;
    if (breakpoints.has(atUs)) return { atUs, carriedMs: 0, isStopped: true };
  }
}
