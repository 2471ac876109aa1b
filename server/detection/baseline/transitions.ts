import { z } from 'zod';
import {
  addSample,
  judge,
  measureSchema,
  noMeasure,
  type Measure,
} from '#server/detection/baseline/measure.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Which tool follows which, as numbers of tools. A context is the call before (`3`) or the two before
 * (`1,3`) in the same trace; -1 stands for the beginning.
 */
export const storedTransitionsSchema = z.object({
  /** By context: how often each tool followed it. */
  followers: z.array(z.tuple([z.string(), z.array(z.tuple([z.number(), z.number()]))])),
  /** The last two calls of the latest traces, the least recently seen first. */
  traces: z.array(z.tuple([z.string(), z.number(), z.number()])),
  surprise: measureSchema,
});
type Stored = z.infer<typeof storedTransitionsSchema>;

const start = -1;

interface Followers {
  total: number;
  readonly counts: Map<number, number>;
}

export interface Transitions {
  /** The calls there are: followers of no context at all. */
  readonly any: Followers;
  readonly byContext: Map<string, Followers>;
  readonly traces: Map<string, readonly [number, number]>;
  readonly surprise: Measure;
  /** Pairs of a context and a follower that are remembered. */
  pairs: number;
}

const noFollowers = (): Followers => ({ total: 0, counts: new Map() });

export function noTransitions(): Transitions {
  return {
    any: noFollowers(),
    byContext: new Map(),
    traces: new Map(),
    surprise: noMeasure(),
    pairs: 0,
  };
}

/** A step to a tool: its path from at most two calls before, and how surprising it was. */
export interface Step {
  readonly path: readonly number[];
  readonly contexts: number;
  readonly seen: number;
  readonly samples: number;
  readonly value: number;
  readonly mean: number;
  readonly std: number;
  readonly sigma: number;
}

/** The least deviation of surprises, in bits: an agent that always does the same has none at all. */
const deviationMin = 0.5;

/**
 * Takes one call in, in the order of the log. Null while the agent, or what it did just before, is
 * too little known for a step to be unusual.
 */
export function noteStep(state: Transitions, trace: string, tool: number): Step | null {
  const [before, last] = state.traces.get(trace) ?? [start, start];
  const first = state.byContext.get(String(last));
  const second = state.byContext.get(`${before},${last}`);
  const isSettled = state.any.total >= limits.baselineCallsMin;
  const contexts = first?.total ?? 0;
  let step: Step | null = null;
  if (isSettled) {
    const value = surpriseOf(tool, [state.any, first, second]);
    if (contexts >= limits.baselineContextsMin && state.surprise.n >= limits.baselineContextsMin) {
      const path = last === start ? [last, tool] : [before, last, tool];
      const seen = second?.counts.get(tool) ?? 0;
      const samples = state.surprise.n;
      step = { path, contexts, seen, samples, ...judge(state.surprise, value, deviationMin) };
    }
    addSample(state.surprise, value, limits.baselineCallsMax);
  }
  addFollower(state, state.any, tool);
  addFollower(state, contextOf(state, String(last)), tool);
  addFollower(state, contextOf(state, `${before},${last}`), tool);
  if (state.any.total > limits.baselineCallsMax) halve(state);
  if (state.pairs > limits.baselinePairsMax) evict(state);
  state.traces.delete(trace);
  state.traces.set(trace, [last, tool]);
  if (state.traces.size > limits.talliedTracesMax) {
    for (const oldest of state.traces.keys()) {
      state.traces.delete(oldest);
      break;
    }
  }
  return step;
}

/**
 * −log2 of the tool's probability. Each longer context is trusted by how much was seen of it against
 * how many different tools followed it, and the rest is what the shorter one says (Witten and Bell,
 * 1991); at the end stands one share for a tool that was never seen.
 */
function surpriseOf(tool: number, chain: readonly (Followers | undefined)[]): number {
  const kinds = (chain[0]?.counts.size ?? 0) + 1;
  let probability = 1 / kinds;
  for (const context of chain) {
    if (context === undefined || context.total === 0) continue;
    const spread = context.counts.size;
    const seen = context.counts.get(tool) ?? 0;
    probability = (seen + spread * probability) / (context.total + spread);
  }
  return -Math.log2(probability);
}

function contextOf(state: Transitions, context: string): Followers {
  const known = state.byContext.get(context);
  if (known !== undefined) return known;
  const fresh = noFollowers();
  state.byContext.set(context, fresh);
  return fresh;
}

function addFollower(state: Transitions, followers: Followers, tool: number): void {
  const seen = followers.counts.get(tool) ?? 0;
  if (seen === 0) state.pairs += 1;
  followers.counts.set(tool, seen + 1);
  followers.total += 1;
}

/** Halves all counts: what is not done any more is forgotten. */
function halve(state: Transitions): void {
  keepPairs(state, (count) => Math.floor(count / 2));
}

/** Forgets the pairs least seen, a quarter of them or more at a time. */
function evict(state: Transitions): void {
  const counts = [...state.byContext.values()].flatMap((item) => [...item.counts.values()]);
  const least = counts.sort((a, b) => a - b)[Math.floor(counts.length / 4)] ?? 0;
  keepPairs(state, (count, isAny) => (count > least || isAny ? count : 0));
}

function keepPairs(state: Transitions, keep: (count: number, isAny: boolean) => number): void {
  state.pairs = 0;
  for (const followers of [state.any, ...state.byContext.values()]) {
    followers.total = 0;
    for (const [tool, count] of followers.counts) {
      const kept = keep(count, followers === state.any);
      if (kept === 0) followers.counts.delete(tool);
      else followers.counts.set(tool, kept);
      followers.total += kept;
    }
    state.pairs += followers.counts.size;
  }
  for (const [context, { total }] of state.byContext) {
    if (total === 0) state.byContext.delete(context);
  }
}

/** A copy to work in: what was copied stays as it is. */
export function copyTransitions(state: Transitions): Transitions {
  return {
    any: copyFollowers(state.any),
    byContext: new Map(Array.from(state.byContext, ([key, value]) => [key, copyFollowers(value)])),
    traces: new Map(state.traces),
    surprise: { ...state.surprise },
    pairs: state.pairs,
  };
}

const copyFollowers = ({ total, counts }: Followers): Followers => ({
  total,
  counts: new Map(counts),
});

/** The context under which the followers of none are stored. */
const anyContext = '';

export function encodeTransitions(state: Transitions): Stored {
  return {
    followers: [[anyContext, state.any] as const, ...state.byContext].map(
      ([context, { counts }]): Stored['followers'][number] => [context, [...counts]],
    ),
    traces: [...state.traces].map(([trace, [before, last]]) => [trace, before, last]),
    surprise: state.surprise,
  };
}

export function decodeTransitions(stored: Stored): Transitions {
  const state = { ...noTransitions(), surprise: { ...stored.surprise } };
  for (const [context, counts] of stored.followers) {
    const followers = context === anyContext ? state.any : contextOf(state, context);
    for (const [tool, count] of counts) {
      followers.counts.set(tool, count);
      followers.total += count;
    }
    state.pairs += counts.length;
  }
  for (const [trace, before, last] of stored.traces) state.traces.set(trace, [before, last]);
  return state;
}
