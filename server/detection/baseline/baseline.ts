import { z } from 'zod';
import { argumentShapeOf } from '#server/detection/baseline/argument-shape.ts';
import { scopesOf } from '#server/detection/baseline/data-scope.ts';
import {
  type Hourly,
  hourlySchema,
  type HourReadings,
  noHourly,
  noteHour,
} from '#server/detection/baseline/hourly.ts';
import {
  addSample,
  judge,
  type Measure,
  measureSchema,
  noMeasure,
} from '#server/detection/baseline/measure.ts';
import {
  type BaselineFacts,
  noBaselineFacts,
  type ReadingOf,
} from '#server/detection/baseline/readings.ts';
import { digestOf } from '#server/detection/baseline/text-digest.ts';
import {
  divergenceOf,
  noShare,
  noteShare,
  shareSchema,
  type ToolShare,
} from '#server/detection/baseline/tool-mix.ts';
import {
  copyTransitions,
  decodeTransitions,
  encodeTransitions,
  noteStep,
  noTransitions,
  storedTransitionsSchema,
  type Transitions,
} from '#server/detection/baseline/transitions.ts';
import { destinationsOf } from '#server/detection/destinations.ts';
import { eventTimeOf } from '#server/detection/event-time.ts';
import { limits } from '#server/kernel/limits.ts';
import type { StoredEvent } from '#server/telemetry/contract.ts';

/** An agent's baseline as it lies in the detector's state. */
export const storedBaselineSchema = z.object({
  /** Calls noted, and the latest event time, milliseconds. */
  calls: z.number().int().nonnegative(),
  latest: z.number(),
  tools: z.array(
    z.object({
      name: z.string(),
      hourly: hourlySchema,
      share: shareSchema,
      /** Calls whose arguments were looked at. */
      shaped: z.number().int().nonnegative(),
      /** Digests of their shapes. */
      shapes: z.array(z.string()),
      /** Calls that named a recipient or host, and digests of those; absent in what was stored before. */
      sent: z.int().nonnegative().default(0),
      destinations: z.array(z.string()).default([]),
    }),
  ),
  transitions: storedTransitionsSchema,
  drift: measureSchema,
  scope: z.object({ events: z.number().int().nonnegative(), seen: z.array(z.string()) }),
});
type StoredBaseline = z.infer<typeof storedBaselineSchema>;

interface ToolBaseline {
  /** Its number in transitions. */
  readonly index: number;
  readonly hourly: Hourly;
  readonly share: ToolShare;
  shaped: number;
  readonly shapes: Set<string>;
  sent: number;
  readonly destinations: Set<string>;
}

/**
 * What one agent usually does: how often it calls each tool in an hour and how often that fails, with
 * which arguments and destinations, after which other calls, and which data it touches. Bounded whatever the agent
 * does; belongs to whoever notes events in it, in place.
 */
export interface Baseline {
  calls: number;
  latest: number;
  readonly tools: Map<string, ToolBaseline>;
  readonly transitions: Transitions;
  readonly drift: Measure;
  readonly scope: { events: number; readonly seen: Set<string> };
}

export function noBaseline(): Baseline {
  return {
    calls: 0,
    latest: 0,
    tools: new Map(),
    transitions: noTransitions(),
    drift: noMeasure(),
    scope: { events: 0, seen: new Set() },
  };
}

/** Whether a baseline has anything to learn from an event; others need not be noted. */
export function isOfBaseline(event: StoredEvent): boolean {
  if (event.revision > 0) return false;
  return event.kind === 'tool_call' ? event.name !== null : dataKinds.has(event.kind);
}

/** Kinds beside calls whose events say what data they touched. */
const dataKinds: ReadonlySet<string> = new Set([
  'data_access',
  'retrieval',
  'memory_read',
  'memory_write',
]);

/**
 * Takes one event in, in the order of the log, and answers what it is against everything before it.
 * Hours go by event time within the allowed lateness, sequences by the log. A call that is told
 * twice (start and end) counts at its start, its failure at its end, a revision not at all.
 */
export function noteBaseline(state: Baseline, event: StoredEvent): BaselineFacts {
  if (!isOfBaseline(event)) return noBaselineFacts;
  state.latest = Math.max(state.latest, eventTimeOf(event));
  const scope = noteScope(state, event);
  if (event.kind !== 'tool_call' || event.name === null) return { ...noBaselineFacts, scope };
  const tool = toolOf(state, event.name);
  const isCall = event.phase !== 'end';
  const isEnd = event.phase !== 'start';
  const told = { isCall, isEnd, isError: event.status === 'error' };
  // Tools beyond those remembered stand together in sequences, and are told nothing of alone.
  const hours =
    tool === null ? null : noteHour(tool.hourly, eventTimeOf(event), state.latest, told);
  if (!isCall) return { ...noBaselineFacts, scope, errors: errorsOf(event.name, hours) };
  state.calls += 1;
  if (tool !== null) noteShare(tool.share, state.calls);
  return {
    volume: hours?.volume ? { kind: 'volume', tool: event.name, ...hours.volume } : null,
    errors: errorsOf(event.name, hours),
    sequence: noteSequence(state, event.traceId, event.name, tool),
    shape: tool === null ? null : noteShape(tool, event.name, event.body.input),
    destination: tool === null ? null : noteDestinations(tool, event.name, event.body.input),
    scope,
    drift: noteDrift(state),
  };
}

function errorsOf(tool: string, hours: HourReadings | null): ReadingOf<'errors'> | null {
  return hours?.errors ? { kind: 'errors', tool, ...hours.errors } : null;
}

/** The tool's own baseline, made when there is room; null when there is none. */
function toolOf(state: Baseline, name: string): ToolBaseline | null {
  const known = state.tools.get(name);
  if (known !== undefined) return known;
  if (state.tools.size >= limits.baselineToolsMax) return null;
  const fresh: ToolBaseline = {
    index: state.tools.size,
    hourly: noHourly(),
    share: noShare(state.calls),
    shaped: 0,
    shapes: new Set(),
    sent: 0,
    destinations: new Set(),
  };
  state.tools.set(name, fresh);
  return fresh;
}

/** Stand in for the beginning of a trace, and for tools that are not told apart. */
const startName = '(start)';
const otherName = '(other)';

function noteSequence(
  state: Baseline,
  traceId: string,
  name: string,
  tool: ToolBaseline | null,
): ReadingOf<'sequence'> | null {
  const step = noteStep(state.transitions, traceId, tool?.index ?? limits.baselineToolsMax);
  if (step === null) return null;
  const names = [...state.tools.keys()];
  const path = step.path.map((index, at) => {
    if (at === step.path.length - 1) return name;
    return index < 0 ? startName : (names[index] ?? otherName);
  });
  return { kind: 'sequence', ...step, path };
}

/**
 * Null under the floor of calls, and for a tool that is called in ever other shapes: where every
 * twentieth call brings a new one, a new one says nothing (Good and Turing's estimate).
 */
function noteShape(tool: ToolBaseline, name: string, input: unknown): ReadingOf<'shape'> | null {
  const shape = argumentShapeOf(input);
  const digest = digestOf(shape);
  const { shaped: calls } = tool;
  const shapes = tool.shapes.size;
  const isNew = !tool.shapes.has(digest);
  const isFull = shapes >= limits.shapesMax;
  tool.shaped += 1;
  if (isNew && !isFull) tool.shapes.add(digest);
  if (calls < limits.shapeCallsMin || isFull || shapes > calls / 20) return null;
  return { kind: 'shape', tool: name, shape, isNew, calls, shapes };
}

/**
 * Null for a call that names none, under the floor of calls, and for a tool that writes to ever other
 * ones: where every fifth call brings a new one, a new one says nothing.
 */
function noteDestinations(
  tool: ToolBaseline,
  name: string,
  input: unknown,
): ReadingOf<'destination'> | null {
  const named = destinationsOf(input);
  if (named.length === 0) return null;
  const { sent: calls, destinations } = tool;
  const known = destinations.size;
  const fresh = named.filter((item) => !destinations.has(digestOf(item)));
  const isFull = known + fresh.length > limits.toolDestinationsMax;
  tool.sent += 1;
  if (!isFull) for (const item of fresh) destinations.add(digestOf(item));
  if (calls < limits.toolDestinationCallsMin || isFull || known > calls / 5) return null;
  return { kind: 'destination', tool: name, fresh, calls, known };
}

function noteScope(state: Baseline, event: StoredEvent): ReadingOf<'scope'> | null {
  const named = scopesOf(event.body.data);
  if (named.length === 0) return null;
  const { scope } = state;
  const { events } = scope;
  const known = scope.seen.size;
  const fresh = named.filter((item) => !scope.seen.has(digestOf(item)));
  const isFull = known + fresh.length > limits.scopesKnownMax;
  scope.events += 1;
  if (!isFull) for (const item of fresh) scope.seen.add(digestOf(item));
  if (events < limits.scopeEventsMin || isFull || known > events / 5) return null;
  return { kind: 'scope', fresh, events, known };
}

/** Looked at every so many calls: in between it hardly moves. */
function noteDrift(state: Baseline): ReadingOf<'drift'> | null {
  const { calls, drift } = state;
  if (calls < limits.driftCallsMin || calls % limits.driftEveryCalls > 0) return null;
  const shares = [...state.tools.values()].map(({ share }) => share);
  const value = divergenceOf(shares, calls);
  const samples = drift.n;
  const judged = judge(drift, value, driftDeviationMin);
  addSample(drift, value, limits.driftSamplesMax);
  return samples < limits.driftSamplesMin ? null : { kind: 'drift', calls, samples, ...judged };
}

/** Bits; a hundred calls of ten tools differ by about that much by chance. */
const driftDeviationMin = 0.02;

/** A copy to work in: what was copied stays as it is. */
export function copyBaseline(state: Baseline): Baseline {
  return {
    calls: state.calls,
    latest: state.latest,
    tools: new Map(
      Array.from(state.tools, ([name, tool]): [string, ToolBaseline] => {
        const { hourly, share, shapes, destinations } = tool;
        const open = hourly.open.map((hour) => ({ ...hour }));
        const copy = {
          ...tool,
          hourly: { ...hourly, open, volume: { ...hourly.volume } },
          share: { ...share },
          shapes: new Set(shapes),
          destinations: new Set(destinations),
        };
        return [name, copy];
      }),
    ),
    transitions: copyTransitions(state.transitions),
    drift: { ...state.drift },
    scope: { events: state.scope.events, seen: new Set(state.scope.seen) },
  };
}

export function encodeBaseline(state: Baseline): StoredBaseline {
  return {
    calls: state.calls,
    latest: state.latest,
    tools: [...state.tools].map(
      ([name, { hourly, share, shaped, shapes, sent, destinations }]) => ({
        name,
        hourly,
        share,
        shaped,
        shapes: [...shapes],
        sent,
        destinations: [...destinations],
      }),
    ),
    transitions: encodeTransitions(state.transitions),
    drift: state.drift,
    scope: { events: state.scope.events, seen: [...state.scope.seen] },
  };
}

/** The baseline of a stored one; its parts become the baseline's own. */
export function decodeBaseline(stored: StoredBaseline): Baseline {
  return {
    calls: stored.calls,
    latest: stored.latest,
    tools: new Map(
      stored.tools.map(({ name, shapes, destinations, ...tool }, index): [string, ToolBaseline] => [
        name,
        { ...tool, index, shapes: new Set(shapes), destinations: new Set(destinations) },
      ]),
    ),
    transitions: decodeTransitions(stored.transitions),
    drift: stored.drift,
    scope: { events: stored.scope.events, seen: new Set(stored.scope.seen) },
  };
}
