'use client';

import {
  CartesianGrid,
  Line,
  LineChart,
  ResponsiveContainer,
  Tooltip,
  XAxis,
  YAxis,
} from 'recharts';
import { formatInstant, type TimeZoneChoice } from '../ui/format-time.ts';
import type { MeasuredPoint, MeasuredSeries } from './prepare-points.ts';
import type { SeriesLook } from './time-series-plot.tsx';

export interface MeasuredPlotProps {
  readonly series: MeasuredSeries;
  readonly looks: Readonly<Record<string, SeriesLook>>;
  readonly heightPx: number;
  readonly zone: TimeZoneChoice;
  readonly formatValue: (value: number) => string;
}

const axis = {
  stroke: 'var(--color-line)',
  tickLine: false,
  tick: { fill: 'var(--color-ink-faint)', fontSize: 11 },
} as const;

/** Every power of ten of the range. */
function decades([low, high]: MeasuredSeries['range']): number[] {
  const ticks: number[] = [];
  for (let tick = low; tick <= high; tick *= 10) ticks.push(tick);
  return ticks;
}

/** The drawing itself; loaded only when a chart is on screen. Use `MeasuredChart`. */
export function MeasuredPlot(props: MeasuredPlotProps) {
  const { series, looks } = props;
  return (
    <ResponsiveContainer width="100%" height={props.heightPx}>
      <LineChart
        data={series.points.map((point, index) => ({ ...point, index }))}
        margin={{ top: 6, right: 12, bottom: 0, left: 0 }}
        accessibilityLayer={false}
      >
        <CartesianGrid vertical={false} stroke="var(--color-line)" />
        <XAxis
          {...axis}
          dataKey="index"
          tickFormatter={(index: number) => {
            const at = series.points[index]?.atMs;
            return at === undefined ? '' : formatInstant(at, props.zone, 'minute').slice(5, 16);
          }}
          minTickGap={24}
          height={24}
        />
        <YAxis
          {...axis}
          axisLine={false}
          width={60}
          scale="log"
          domain={[...series.range]}
          ticks={decades(series.range)}
          tickFormatter={props.formatValue}
          allowDataOverflow
        />
        <Tooltip
          isAnimationActive={false}
          cursor={{ stroke: 'var(--color-line-strong)' }}
          content={({ label }) => {
            const point = series.points[Number(label)];
            return point === undefined ? null : <Reading point={point} plot={props} />;
          }}
        />
        {series.keys.map((key, index) => (
          <Line
            key={key}
            dataKey={(point: MeasuredPoint) => point.values[index]}
            name={looks[key]?.label ?? key}
            type="linear"
            stroke={looks[key]?.color ?? 'var(--color-series-8)'}
            strokeWidth={1.5}
            dot={{ r: 2.5 }}
            connectNulls={false}
            isAnimationActive={false}
          />
        ))}
      </LineChart>
    </ResponsiveContainer>
  );
}

function Reading(props: { readonly point: MeasuredPoint; readonly plot: MeasuredPlotProps }) {
  const { point, plot } = props;
  return (
    <div className="rounded border border-line-strong/50 bg-raised px-2.5 py-1.5 text-xs shadow-float">
      <p className="mb-1 text-ink-muted tabular-nums">
        {formatInstant(point.atMs, plot.zone, 'minute')}
      </p>
      {plot.series.keys.map((key, index) => {
        const value = point.values[index] ?? null;
        return (
          <p key={key} className="flex items-center gap-2">
            <span
              aria-hidden
              className="size-2 rounded-[2px]"
              style={{ background: plot.looks[key]?.color }}
            />
            <span className="flex-1 pr-4">{plot.looks[key]?.label ?? key}</span>
            <span className="tabular-nums">
              {value === null ? 'not measured' : plot.formatValue(value)}
            </span>
          </p>
        );
      })}
    </div>
  );
}
