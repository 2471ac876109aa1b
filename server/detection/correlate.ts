import { limits } from '#server/kernel/limits.ts';
import { judgeWindow, mayFire } from '#server/detection/judge-window.ts';
import type { CorrelationPlan } from '#server/detection/sigma/compile-correlation.ts';
import { ownWindow, type OwnWindow } from '#server/detection/window-state.ts';
import type { WindowEntry, WindowState } from '#server/detection/window-state.ts';

/** A match of one of a correlation's rules, on its way into the window of its group. */
export interface WindowMatch {
  readonly at: number;
  readonly eventId: string;
  readonly input: number;
  readonly values: readonly (string | number)[];
  readonly carried: Readonly<Record<string, string>>;
}

export interface Evidence {
  readonly eventId: string;
  /** Event time, milliseconds since 1970. */
  readonly at: number;
  /** It came after its window had closed and was judged alone. */
  readonly isLate: boolean;
}

/** What one match, or the passing of time, brought about. */
export interface WindowStep {
  readonly state: OwnWindow;
  /** Events whose windows fired for the first time: what an enclosing correlation counts. */
  readonly fired: readonly WindowEntry[];
  /** Events that took part in a fired window and had not been reported. */
  readonly evidence: readonly Evidence[];
}

/**
 * Takes one match into the window of its group. Windows slide over event time: each ends with an
 * event and reaches back less than the timespan. Every arrival judges again the windows that it
 * falls into, so within the allowed lateness the order of arrival changes nothing in the end: a
 * plan that more events can only make truer fires at once, any other when its window has closed.
 * A group that outgrows `plan.entriesMax` closes earlier, at its oldest remembered event.
 */
export function advanceWindow(
  plan: CorrelationPlan,
  previous: WindowState | null,
  match: WindowMatch,
  now: number,
): WindowStep {
  return advanceOwnWindow(plan, previous === null ? null : ownWindow(previous), match, now);
}

/**
 * The same in place: `previous` belongs to the caller and is given up. A busy group's window holds a
 * thousand entries, and copying them for each event was most of the detector's work.
 */
export function advanceOwnWindow(
  plan: CorrelationPlan,
  previous: OwnWindow | null,
  match: WindowMatch,
  now: number,
): WindowStep {
  const entry: WindowEntry = {
    at: match.at,
    eventId: match.eventId,
    input: match.input,
    isFired: false,
    isUsed: false,
    values: match.values,
    carried: match.carried,
  };
  const state = previous ?? emptyWindow(match.at, now);
  if (match.at < state.closedBefore) return judgeAlone(plan, state, entry, now);
  const at = placeOf(state.entries, entry);
  if (isKnown(plan, state.entries, at, entry)) {
    return { state: { ...state, touchedAt: now }, fired: [], evidence: [] };
  }
  const { entries } = state;
  entries.splice(at, 0, entry);
  const latestAt = Math.max(state.latestAt, entry.at);
  const excess = entries[entries.length - plan.entriesMax - 1];
  const closedBefore = Math.max(
    state.closedBefore,
    latestAt - limits.allowedLatenessMs,
    excess === undefined ? Number.MIN_SAFE_INTEGER : excess.at + 1,
  );
  const [from, to] = plan.isImmediate
    ? [entry.at, entry.at + plan.timespanMs]
    : [state.closedBefore, closedBefore];
  const judged = judgeRange(plan, entries, from, to);
  const start = Math.max(
    firstFrom(entries, closedBefore - plan.timespanMs + 1),
    entries.length - plan.entriesMax,
  );
  if (start === 1) entries.shift();
  else if (start > 1) entries.splice(0, start);
  return { ...judged, state: { entries, latestAt, closedBefore, touchedAt: now } };
}

/**
 * Closes the window of a group that has been quiet for the allowed lateness, so that a plan that
 * waits for the end of its window does not wait for an event that never comes. Null: not yet.
 */
export function closeWindow(
  plan: CorrelationPlan,
  state: WindowState,
  now: number,
): WindowStep | null {
  const closedBefore = state.latestAt + 1;
  if (plan.isImmediate || state.closedBefore >= closedBefore) return null;
  if (now - state.touchedAt < limits.allowedLatenessMs) return null;
  const entries = state.entries.slice();
  const judged = judgeRange(plan, entries, state.closedBefore, closedBefore);
  return { ...judged, state: { ...state, entries, closedBefore } };
}

/** Whether a group can be forgotten: nothing in it can take part in a window any more. */
export function isWindowOver(plan: CorrelationPlan, state: WindowState, now: number): boolean {
  return now - state.touchedAt > plan.timespanMs + 2 * limits.allowedLatenessMs;
}

function emptyWindow(at: number, now: number): OwnWindow {
  return {
    entries: [],
    latestAt: at,
    closedBefore: at - limits.allowedLatenessMs,
    touchedAt: now,
  };
}

function judgeAlone(
  plan: CorrelationPlan,
  state: OwnWindow,
  entry: WindowEntry,
  now: number,
): WindowStep {
  const alone = { entries: [entry], from: 0, to: 1 };
  const isFiring = mayFire(plan, 1, entry) && judgeWindow(plan, alone, entry) !== null;
  return {
    state: { ...state, touchedAt: now },
    fired: isFiring ? [entry] : [],
    evidence: isFiring ? [{ eventId: entry.eventId, at: entry.at, isLate: true }] : [],
  };
}

/** First index whose entry comes after `entry` in the order of time, id and rule, or is it. */
function placeOf(entries: readonly WindowEntry[], entry: WindowEntry): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    const other = entries[middle];
    if (other !== undefined && isBefore(other, entry)) low = middle + 1;
    else high = middle;
  }
  return low;
}

function isBefore(a: WindowEntry, b: WindowEntry): boolean {
  if (a.at !== b.at) return a.at < b.at;
  if (a.eventId !== b.eventId) return a.eventId < b.eventId;
  return a.input < b.input;
}

/** An event is counted once, however many rules matched it; sequences tell the rules apart. */
function isKnown(
  plan: CorrelationPlan,
  entries: readonly WindowEntry[],
  at: number,
  entry: WindowEntry,
): boolean {
  const isSame = (other: WindowEntry | undefined) =>
    other !== undefined && other.at === entry.at && other.eventId === entry.eventId;
  const next = entries[at];
  if (plan.type === 'temporal' || plan.type === 'temporal_ordered') {
    return isSame(next) && next?.input === entry.input;
  }
  return isSame(next) || isSame(entries[at - 1]);
}

/**
 * Judges the windows that end with an entry in [from, to), in the order of time, and marks in
 * `entries` what fired and what took part.
 */
function judgeRange(
  plan: CorrelationPlan,
  entries: WindowEntry[],
  from: number,
  to: number,
): Pick<WindowStep, 'fired' | 'evidence'> {
  const fired: WindowEntry[] = [];
  const evidence: Evidence[] = [];
  for (let index = firstFrom(entries, from); index < entries.length; index += 1) {
    const last = entries[index];
    if (last === undefined || last.at >= to) break;
    const start = firstFrom(entries, last.at - plan.timespanMs + 1);
    const end = firstFrom(entries, last.at + 1);
    if (!mayFire(plan, end - start, last)) continue;
    const taking = judgeWindow(plan, { entries, from: start, to: end }, last);
    if (taking === null) continue;
    if (!last.isFired) {
      entries[index] = { ...last, isFired: true };
      fired.push(last);
    }
    const takesPart = (at: number) => {
      const entry = entries[at];
      if (entry === undefined || entry.isUsed) return;
      entries[at] = { ...entry, isUsed: true };
      evidence.push({ eventId: entry.eventId, at: entry.at, isLate: false });
    };
    if (taking === 'all') for (let at = start; at < end; at += 1) takesPart(at);
    else taking.forEach(takesPart);
  }
  return { fired, evidence };
}

/** Index of the first entry at or after a time. */
function firstFrom(entries: readonly WindowEntry[], at: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle]?.at ?? Number.POSITIVE_INFINITY) < at) low = middle + 1;
    else high = middle;
  }
  return low;
}
