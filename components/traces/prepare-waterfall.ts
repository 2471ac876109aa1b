import type { TraceNode } from './prepare-trace-tree.ts';

/** The stretch of time that the waterfall shows, in microseconds. */
export interface TimeWindow {
  readonly fromUs: number;
  readonly untilUs: number;
}

/** Closer than this nobody can see anything. */
const widthUsMin = 10;
/** A trace without any length still needs a window. */
const widthUsDefault = 1000;

/** All of a trace, with a little room on the right for the last bar. */
export function fitWindow(startUs: number, endUs: number): TimeWindow {
  const width = Math.max(endUs - startUs, widthUsDefault);
  return { fromUs: startUs, untilUs: startUs + width * 1.02 };
}

/** Zooms by `factor` (below 1: closer) around the window's share `anchor`, never beyond `whole`. */
export function zoomWindow(
  window: TimeWindow,
  whole: TimeWindow,
  factor: number,
  anchor = 0.5,
): TimeWindow {
  const width = window.untilUs - window.fromUs;
  const wanted = Math.min(Math.max(width * factor, widthUsMin), whole.untilUs - whole.fromUs);
  const centre = window.fromUs + width * anchor;
  return clampWindow(
    { fromUs: centre - wanted * anchor, untilUs: centre + wanted * (1 - anchor) },
    whole,
  );
}

/** Moves the window by a share of its width, never beyond `whole`. */
export function panWindow(window: TimeWindow, whole: TimeWindow, share: number): TimeWindow {
  const step = (window.untilUs - window.fromUs) * share;
  return clampWindow({ fromUs: window.fromUs + step, untilUs: window.untilUs + step }, whole);
}

/** Moves the window, its width unchanged, so that a moment lies in it. */
export function revealMoment(window: TimeWindow, whole: TimeWindow, atUs: number): TimeWindow {
  if (atUs >= window.fromUs && atUs <= window.untilUs) return window;
  const width = window.untilUs - window.fromUs;
  return clampWindow({ fromUs: atUs - width / 4, untilUs: atUs + (width * 3) / 4 }, whole);
}

function clampWindow(window: TimeWindow, whole: TimeWindow): TimeWindow {
  const width = Math.min(window.untilUs - window.fromUs, whole.untilUs - whole.fromUs);
  const fromUs = Math.min(Math.max(window.fromUs, whole.fromUs), whole.untilUs - width);
  return { fromUs, untilUs: fromUs + width };
}

/** Where a bar stands in the window, in percent of its width; null when it lies outside. */
export interface Bar {
  readonly leftPercent: number;
  readonly widthPercent: number;
}

/** The bar of an event; without an end it is a point of no width, which the screen draws as a tick. */
export function placeBar(window: TimeWindow, startUs: number, endUs: number | null): Bar | null {
  const until = Math.max(endUs ?? startUs, startUs);
  if (until < window.fromUs || startUs > window.untilUs) return null;
  const width = window.untilUs - window.fromUs;
  const left = Math.max(startUs, window.fromUs);
  const right = Math.min(until, window.untilUs);
  return {
    leftPercent: ((left - window.fromUs) / width) * 100,
    widthPercent: ((right - left) / width) * 100,
  };
}

/** What the overview of a trace shows of one slice of its time. */
export interface MinimapBin {
  /** Events that were going on or began in the slice. */
  readonly events: number;
  readonly errors: number;
}

/** Slices of the whole trace. Each event counts in every slice that it touches. */
export function binEvents(
  nodes: readonly TraceNode[],
  whole: TimeWindow,
  bins: number,
  isMarked: (node: TraceNode) => boolean,
): MinimapBin[] {
  const began = Array.from({ length: bins + 1 }, () => 0);
  const marked = Array.from({ length: bins }, () => 0);
  const width = whole.untilUs - whole.fromUs;
  const binOf = (atUs: number): number =>
    Math.min(bins - 1, Math.max(0, Math.floor(((atUs - whole.fromUs) / width) * bins)));
  for (const node of nodes) {
    const first = binOf(node.event.startedAtUs);
    const last = binOf(Math.max(node.endedAtUs ?? node.event.startedAtUs, node.event.startedAtUs));
    began[first] = (began[first] ?? 0) + 1;
    began[last + 1] = (began[last + 1] ?? 0) - 1;
    if (isMarked(node)) marked[first] = (marked[first] ?? 0) + 1;
  }
  let running = 0;
  return marked.map((errors, index) => {
    running += began[index] ?? 0;
    return { events: running, errors };
  });
}

const secondUs = 1_000_000;
/** Steps from a second on; below, one, two and five of each power of ten. */
const longStepsUs = [
  1,
  2,
  5,
  10,
  15,
  30,
  ...[1, 2, 5, 10, 15, 30].map((minutes) => minutes * 60),
  ...[1, 2, 6, 12, 24].map((hours) => hours * 3600),
].map((seconds) => seconds * secondUs);

/** The smallest round step that is not below `roughUs`; beyond a day, whole days. */
function roundStep(roughUs: number): number {
  if (roughUs >= secondUs / 2) {
    const dayUs = 86_400 * secondUs;
    return longStepsUs.find((stepUs) => stepUs >= roughUs) ?? Math.ceil(roughUs / dayUs) * dayUs;
  }
  const power = 10 ** Math.floor(Math.log10(roughUs));
  return [1, 2, 5, 10].map((unit) => unit * power).find((unit) => unit >= roughUs) ?? roughUs;
}

/** Round instants for the axis: offsets from the trace's start in microseconds, at most `most` + 1. */
export function axisTicks(window: TimeWindow, startUs: number, most: number): number[] {
  const step = roundStep((window.untilUs - window.fromUs) / most);
  const first = Math.ceil((window.fromUs - startUs) / step) * step;
  const ticks: number[] = [];
  for (let at = first; at <= window.untilUs - startUs && ticks.length < most + 1; at += step) {
    ticks.push(at);
  }
  return ticks;
}
