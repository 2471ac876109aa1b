'use client';

import { useMemo, type PointerEvent } from 'react';
import { isError, type TraceNode } from './prepare-trace-tree.ts';
import { binEvents, panWindow, type TimeWindow } from './prepare-waterfall.ts';

const bins = 240;
const heightPx = 36;
/** The strip is stretched to the width of the window; lines must not be. */
const thin = { vectorEffect: 'non-scaling-stroke' } as const;

/**
 * The whole trace in one strip: how much was going on, where it failed, where alerts stand, which
 * part the waterfall shows, and the moment of playback. Dragging moves the part; the keys `a` and
 * `d` do the same, so that the strip itself is only for the eye.
 */
export function WaterfallMinimap(props: {
  readonly nodes: readonly TraceNode[];
  readonly whole: TimeWindow;
  readonly window: TimeWindow;
  readonly atUs: number | null;
  /** Moments of alerts and findings. */
  readonly marks: ReadonlySet<number>;
  /** Moments of decisions, permits, redeems, outcomes and stops. */
  readonly controlMarks: ReadonlySet<number>;
  readonly onWindow: (window: TimeWindow) => void;
}) {
  const { nodes, whole, window, atUs } = props;
  const { area, errors } = useMemo(() => drawBins(nodes, whole), [nodes, whole]);
  const width = whole.untilUs - whole.fromUs;
  const xOf = (us: number): number => ((us - whole.fromUs) / width) * bins;
  const marks = useMemo(() => drawMarks(props.marks, whole, 'v6'), [props.marks, whole]);
  const control = useMemo(
    () => drawMarks(props.controlMarks, whole, 'v10'),
    [props.controlMarks, whole],
  );
  const moveTo = (event: PointerEvent<SVGSVGElement>) => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    const us = whole.fromUs + ((event.clientX - box.left) / box.width) * width;
    const length = window.untilUs - window.fromUs;
    props.onWindow(panWindow(window, whole, (us - length / 2 - window.fromUs) / length));
  };
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${bins} ${heightPx}`}
      preserveAspectRatio="none"
      className="h-9 w-full shrink-0 cursor-ew-resize touch-none border-b border-line bg-sunken"
      onPointerDown={(event) => {
        event.currentTarget.setPointerCapture(event.pointerId);
        moveTo(event);
      }}
      onPointerMove={moveTo}
    >
      <path d={area} className="fill-ink/18" />
      <path d={errors} className="stroke-critical-fill" strokeWidth={1} {...thin} />
      <path d={control} className="stroke-series-2" strokeWidth={2} {...thin} />
      <path d={marks} className="stroke-high-fill" strokeWidth={2} {...thin} />
      <rect
        x={xOf(window.fromUs)}
        width={Math.max(1, xOf(window.untilUs) - xOf(window.fromUs))}
        y={0}
        height={heightPx}
        className="fill-accent/8 stroke-accent/60"
        strokeWidth={1}
        {...thin}
      />
      {atUs === null ? null : (
        <line
          x1={xOf(atUs)}
          x2={xOf(atUs)}
          y1={0}
          y2={heightPx}
          className="stroke-accent"
          strokeWidth={1.5}
          {...thin}
        />
      )}
    </svg>
  );
}

/** Short lines from the top edge, one a column however many moments fall into it. */
function drawMarks(moments: ReadonlySet<number>, whole: TimeWindow, stroke: string): string {
  const width = whole.untilUs - whole.fromUs;
  const columns = new Set(
    [...moments].map((us) => Math.round(((us - whole.fromUs) / width) * bins)),
  );
  return [...columns].map((x) => `M${x} 0${stroke}`).join('');
}

function drawBins(
  nodes: readonly TraceNode[],
  whole: TimeWindow,
): { readonly area: string; readonly errors: string } {
  const counted = binEvents(nodes, whole, bins, (node) => isError(node.event));
  const most = Math.max(1, ...counted.map((bin) => bin.events));
  // The square root keeps one event visible beside a thousand.
  const tops = counted.map((bin) => heightPx - Math.sqrt(bin.events / most) * (heightPx - 8));
  const area = `M0 ${heightPx}${tops.map((y, x) => `L${x} ${y}L${x + 1} ${y}`).join('')}L${bins} ${heightPx}Z`;
  const errors = counted
    .map((bin, x) => (bin.errors > 0 ? `M${x + 0.5} ${heightPx}v-7` : ''))
    .join('');
  return { area, errors };
}
