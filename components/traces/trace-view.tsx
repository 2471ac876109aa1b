'use client';

import dynamic from 'next/dynamic';
import { useQueryStates } from 'nuqs';
import { useMemo, useState } from 'react';
import type { Alert } from '#server/detection/contract.ts';
import type { TraceFact } from '#server/telemetry/traces/contract.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { Tabs } from '../ui/tabs.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { X } from 'lucide-react';
import { EventPanel } from './event-panel.tsx';
import { PlaybackBar } from './playback-bar.tsx';
import { controlMarks } from './prepare-control.ts';
import { momentAt, momentsOf } from './prepare-playback.ts';
import {
  nextError,
  pathTo,
  type TraceNode,
  type TraceTree,
  visibleNodes,
} from './prepare-trace-tree.ts';
import {
  fitWindow,
  panWindow,
  revealMoment,
  type TimeWindow,
  zoomWindow,
} from './prepare-waterfall.ts';
import { traceParsers } from './trace-url.ts';
import { type Playback, usePlayback } from './use-playback.ts';
import type { TraceControl } from './use-trace-control.ts';
import { Waterfall } from './waterfall.tsx';
import { WaterfallMinimap } from './waterfall-minimap.tsx';

// The second tab's code comes when somebody opens it.
const StateView = dynamic(() => import('./state-view.tsx').then((module) => module.StateView), {
  loading: () => <SkeletonRows count={8} label="Loading the state" />,
});

/** What Signalbox did during the trace, and the span that covers it together with the events. */
function useControl(tree: TraceTree, { actions, stops }: TraceControl) {
  return useMemo(() => {
    const marks = controlMarks(actions, stops, tree);
    const times = marks.map((mark) => mark.atUs);
    return {
      moments: new Set(times),
      breakpoints: marks
        .filter((mark) => mark.kind === 'decision' || mark.kind === 'stop')
        .map((mark) => mark.atUs),
      startUs: Math.min(tree.startUs, ...times),
      endUs: Math.max(tree.endUs, ...times),
    };
  }, [tree, actions, stops]);
}

/** Moments at which something stands that somebody should look at. */
function useMarks(tree: TraceTree, alerts: readonly Alert[]): ReadonlySet<number> {
  return useMemo(() => {
    const evidence = new Set(alerts.flatMap((alert) => alert.eventIds));
    const marked = tree.nodes.filter(
      ({ event }) => event.findings.length > 0 || evidence.has(event.id),
    );
    return new Set(marked.map((node) => node.endedAtUs ?? node.event.startedAtUs));
  }, [tree, alerts]);
}

/** The event that had begun last at a moment. */
function useCurrentId(tree: TraceTree, atUs: number | null): string | null {
  const byTime = useMemo(() => tree.nodes.toSorted((a, b) => a.index - b.index), [tree]);
  const starts = useMemo(() => byTime.map((node) => node.event.startedAtUs), [byTime]);
  if (atUs === null) return null;
  return byTime[momentAt(starts, atUs)]?.event.id ?? null;
}

/** Which rows are closed, which part of the time is shown, and the keys that change it. */
function useWaterfall(
  tree: TraceTree,
  span: { readonly startUs: number; readonly endUs: number },
  atUs: number | null,
) {
  const { startUs, endUs } = span;
  const whole = useMemo(() => fitWindow(startUs, endUs), [startUs, endUs]);
  const [closed, setClosed] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setWindow] = useState<TimeWindow | null>(null);
  const base = chosen ?? whole;
  const window = atUs === null ? base : revealMoment(base, whole, atUs);
  const nodes = useMemo(() => visibleNodes(tree, closed), [tree, closed]);
  useShortcuts({
    w: () => setWindow(zoomWindow(window, whole, 1 / 1.5)),
    s: () => setWindow(zoomWindow(window, whole, 1.5)),
    a: () => setWindow(panWindow(window, whole, -0.25)),
    d: () => setWindow(panWindow(window, whole, 0.25)),
    0: () => setWindow(null),
  });
  return {
    whole,
    window,
    setWindow,
    closed,
    nodes,
    toggle: (id: string) =>
      setClosed((old) => {
        const next = new Set(old);
        if (!next.delete(id)) next.add(id);
        return next;
      }),
    openAbove: (node: TraceNode) =>
      setClosed((old) => {
        const path = pathTo(node).filter((id) => old.has(id));
        if (path.length === 0) return old;
        const next = new Set(old);
        for (const id of path) next.delete(id);
        return next;
      }),
  };
}

/**
 * One trace: tree and waterfall on the left, the chosen event or the state at the moment on the
 * right, playback above. What is chosen and the moment lie in the URL.
 */
export function TraceView(props: {
  readonly tenant: string;
  readonly tree: TraceTree;
  readonly facts: ReadonlyMap<string, TraceFact>;
  readonly alerts: readonly Alert[];
  readonly missing: string | null;
  readonly control: TraceControl;
}) {
  const { tree, alerts } = props;
  const control = useControl(tree, props.control);
  const [url, setUrl] = useQueryStates(traceParsers);
  const moments = useMemo(() => momentsOf(tree.nodes, control.moments), [tree, control]);
  const marks = useMarks(tree, alerts);
  const playback = usePlayback({
    moments,
    breakpoints: useMemo(() => new Set([...marks, ...control.breakpoints]), [marks, control]),
    atUs: url.at === null ? null : Math.round(url.at * 1000),
    onSeek: (atUs) =>
      void setUrl({
        at: atUs === null ? null : atUs / 1000,
        ...(atUs === null ? {} : { panel: 'state' as const }),
      }),
  });
  const view = useWaterfall(tree, control, playback.atUs);
  const currentId = useCurrentId(tree, playback.atUs);
  const select = (node: TraceNode | null | undefined) => {
    if (!node) return;
    view.openAbove(node);
    void setUrl({ event: node.event.id, panel: 'event' });
  };
  const move = (step: number) => {
    const { nodes } = view;
    const from = nodes.findIndex((node) => node.event.id === url.event);
    const to = from === -1 ? 0 : Math.min(nodes.length - 1, Math.max(0, from + step));
    select(nodes[to]);
  };
  useTraceKeys(tree, url.event, playback, select, move);
  return (
    <>
      <PlaybackBar
        playback={playback}
        moments={moments}
        startUs={control.startUs}
        endUs={control.endUs}
        marks={marks.size + control.breakpoints.length}
      />
      <WaterfallMinimap
        nodes={tree.nodes}
        whole={view.whole}
        window={view.window}
        atUs={playback.atUs}
        marks={marks}
        controlMarks={control.moments}
        onWindow={view.setWindow}
      />
      <SplitPane
        id="trace"
        isDetailOpen={url.event !== null || url.at !== null}
        listPercent={58}
        list={
          <Waterfall
            nodes={view.nodes}
            roots={tree.roots}
            closed={view.closed}
            window={view.window}
            startUs={tree.startUs}
            selectedId={url.event}
            atUs={playback.atUs}
            currentId={currentId}
            alertsOf={(id) => alerts.filter((alert) => alert.eventIds.includes(id)).length}
            onSelect={(id) => select(tree.byId.get(id))}
            onToggle={view.toggle}
            onMove={move}
          />
        }
        detail={
          <DetailPanel
            {...props}
            endUs={control.endUs}
            panel={url.panel}
            eventId={url.event}
            atUs={playback.atUs}
            onPanel={(panel) => void setUrl({ panel })}
            onClose={() => void setUrl({ event: null, at: null })}
            onSelect={(id) => select(tree.byId.get(id))}
          />
        }
      />
    </>
  );
}

function useTraceKeys(
  tree: TraceTree,
  selectedId: string | null,
  playback: Playback,
  select: (node: TraceNode | null) => void,
  move: (step: number) => void,
): void {
  useShortcuts({
    j: () => move(1),
    k: () => move(-1),
    n: () => select(nextError(tree, selectedId, 1)),
    p: () => select(nextError(tree, selectedId, -1)),
    Space: playback.toggle,
    '[': () => playback.step(-1),
    ']': () => playback.step(1),
  });
}

function DetailPanel(props: {
  readonly tenant: string;
  readonly tree: TraceTree;
  readonly facts: ReadonlyMap<string, TraceFact>;
  readonly alerts: readonly Alert[];
  readonly missing: string | null;
  readonly control: TraceControl;
  readonly endUs: number;
  readonly panel: 'event' | 'state';
  readonly eventId: string | null;
  readonly atUs: number | null;
  readonly onPanel: (panel: 'event' | 'state') => void;
  readonly onClose: () => void;
  readonly onSelect: (id: string) => void;
}) {
  return (
    <div className="relative flex min-h-0 flex-1 flex-col">
      <span className="absolute top-0.5 right-2 z-10 lg:hidden">
        <IconButton label="Back to the events" onClick={props.onClose}>
          <X />
        </IconButton>
      </span>
      <Tabs
        label="Beside the events"
        value={props.panel}
        onChange={props.onPanel}
        className="min-h-0 flex-1 [&>[role=tabpanel]]:overflow-y-auto"
        items={[
          {
            value: 'event',
            label: 'Event',
            panel: (
              <EventPanel tenant={props.tenant} eventId={props.eventId} alerts={props.alerts} />
            ),
          },
          {
            value: 'state',
            label: 'State at this moment',
            panel: (
              <StateView
                tenant={props.tenant}
                tree={props.tree}
                facts={props.facts}
                alerts={props.alerts}
                atUs={props.atUs}
                missing={props.missing}
                control={props.control}
                endUs={props.endUs}
                onSelect={props.onSelect}
              />
            ),
          },
        ]}
      />
    </div>
  );
}
