'use client';

import { useState } from 'react';
import {
  Area,
  Bar,
  CartesianGrid,
  ComposedChart,
  Line,
  ReferenceArea,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatInstant, type TimeZoneChoice } from '../ui/format-time.ts';
import { formatTick, timeTicks } from './prepare-time-buckets.ts';
import type { TimeSeries, TimeSeriesPoint } from './prepare-time-series.ts';

export interface SeriesLook {
  readonly label: string;
  /** A CSS colour, such as `var(--color-series-1)`. */
  readonly color: string;
}

export interface TimeSeriesPlotProps {
  readonly series: TimeSeries;
  readonly looks: Readonly<Record<string, SeriesLook>>;
  /** `area` and `bar` are stacked; `line` is not. */
  readonly shape: 'area' | 'bar' | 'line';
  readonly heightPx: number;
  readonly zone: TimeZoneChoice;
  readonly formatValue: (value: number) => string;
  /** Given, a span may be dragged over the chart: from inclusive, to exclusive. */
  readonly onSelect?: (fromMs: number, toMs: number) => void;
}

function PlotTooltip(props: {
  readonly point: TimeSeriesPoint | undefined;
  readonly plot: TimeSeriesPlotProps;
}) {
  const { point, plot } = props;
  if (point === undefined) return null;
  const { series, looks, zone, formatValue } = plot;
  return (
    <div className="rounded border border-line-strong/50 bg-raised px-2.5 py-1.5 text-xs shadow-float">
      <p className="mb-1 text-ink-muted tabular-nums">
        {formatInstant(point.atMs, zone, series.bucketMs < 60_000 ? 'second' : 'minute')}
      </p>
      {series.keys.map((key, index) =>
        point.values[index] === 0 && series.keys.length > 1 ? null : (
          <p key={key} className="flex items-center gap-2">
            <span
              aria-hidden
              className="size-2 rounded-[2px]"
              style={{ background: looks[key]?.color }}
            />
            <span className="flex-1 pr-4">{looks[key]?.label ?? key}</span>
            <span className="tabular-nums">{formatValue(point.values[index] ?? 0)}</span>
          </p>
        ),
      )}
    </div>
  );
}

function drawKey(key: string, index: number, plot: TimeSeriesPlotProps) {
  const color = plot.looks[key]?.color ?? 'var(--color-series-8)';
  const common = {
    dataKey: (point: TimeSeriesPoint) => point.values[index] ?? 0,
    name: plot.looks[key]?.label ?? key,
    isAnimationActive: false,
  };
  switch (plot.shape) {
    case 'area':
      return (
        <Area
          key={key}
          {...common}
          stackId="all"
          type="linear"
          stroke={color}
          strokeWidth={1.25}
          fill={color}
          fillOpacity={0.22}
          activeDot={false}
        />
      );
    case 'bar':
      return <Bar key={key} {...common} stackId="all" fill={color} maxBarSize={28} />;
    case 'line':
      return (
        <Line
          key={key}
          {...common}
          type="linear"
          stroke={color}
          strokeWidth={1.5}
          dot={false}
          activeDot={{ r: 3 }}
        />
      );
  }
}

const axis = {
  stroke: 'var(--color-line)',
  tickLine: false,
  tick: { fill: 'var(--color-ink-faint)', fontSize: 11 },
} as const;

/** The drawing itself; loaded only when a chart is on screen. Use `TimeSeriesChart`. */
export function TimeSeriesPlot(props: TimeSeriesPlotProps) {
  const { series, onSelect } = props;
  const [drag, setDrag] = useState<{ readonly from: number; readonly to: number } | null>(null);
  const spanMs = series.toMs - series.fromMs;
  const ticks = timeTicks(series.fromMs, series.toMs, 6);
  const first = series.points[0]?.atMs ?? series.fromMs;
  const last = series.points.at(-1)?.atMs ?? series.toMs;
  const pad = props.shape === 'bar' ? series.bucketMs / 2 : 0;
  const move = (at: number) => setDrag((old) => (old === null ? null : { from: old.from, to: at }));
  const release = () => {
    if (drag === null || onSelect === undefined) return;
    const from = Math.min(drag.from, drag.to);
    const to = Math.max(drag.from, drag.to) + series.bucketMs;
    setDrag(null);
    onSelect(from, to);
  };
  return (
    <ResponsiveContainer width="100%" height={props.heightPx}>
      <ComposedChart
        data={[...series.points]}
        margin={{ top: 6, right: 12, bottom: 0, left: 0 }}
        barCategoryGap="12%"
        accessibilityLayer={false}
        {...(onSelect === undefined
          ? {}
          : {
              className: 'cursor-col-resize select-none',
              onMouseDown: ({ activeLabel }) => {
                const at = Number(activeLabel);
                if (Number.isFinite(at)) setDrag({ from: at, to: at });
              },
              onMouseMove: ({ activeLabel }) => {
                const at = Number(activeLabel);
                if (Number.isFinite(at)) move(at);
              },
              onMouseUp: release,
            })}
      >
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis
          {...axis}
          dataKey="atMs"
          type="number"
          scale="time"
          domain={[first - pad, last + pad]}
          ticks={[...ticks]}
          tickFormatter={(at: number) => formatTick(at, spanMs, props.zone)}
          minTickGap={24}
          height={24}
        />
        <YAxis
          {...axis}
          axisLine={false}
          width={52}
          allowDecimals={props.shape === 'line'}
          tickFormatter={props.formatValue}
          tickCount={4}
          domain={[0, 'auto']}
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{
            fill: 'var(--color-ink)',
            fillOpacity: 0.06,
            stroke: 'var(--color-line-strong)',
          }}
          content={({ label }) => (
            <PlotTooltip
              point={series.points.find((point) => point.atMs === Number(label))}
              plot={props}
            />
          )}
        />
        {series.keys.map((key, index) => drawKey(key, index, props))}
        {drag === null ? null : (
          <ReferenceArea
            x1={Math.min(drag.from, drag.to) - pad}
            x2={Math.max(drag.from, drag.to) + pad}
            fill="var(--color-accent)"
            fillOpacity={0.2}
          />
        )}
      </ComposedChart>
    </ResponsiveContainer>
  );
}
