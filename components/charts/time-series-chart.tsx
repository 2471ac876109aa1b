'use client';

import dynamic from 'next/dynamic';
import type { ReactNode } from 'react';
import { formatInstant } from '../ui/format-time.ts';
import { formatCount, formatCountShort } from '../ui/format-quantity.ts';
import { useTimeZone } from '../ui/relative-time.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartFrame } from './chart-frame.tsx';
import { isEmptySeries, type TimeSeries } from './prepare-time-series.ts';
import type { SeriesLook, TimeSeriesPlotProps } from './time-series-plot.tsx';

const defaultHeightPx = 184;

// Recharts is the largest library of a page: it comes after the page, into a box of its size.
const Plot = dynamic(
  () => import('./time-series-plot.tsx').then((module) => module.TimeSeriesPlot),
  { ssr: false, loading: () => <Skeleton className="mx-2 h-44 opacity-40" /> },
);

function Legend(props: {
  readonly series: TimeSeries;
  readonly looks: Readonly<Record<string, SeriesLook>>;
  readonly formatValue: (value: number) => string;
  readonly hasTotals: boolean;
  readonly hrefOf?: ((key: string) => string | null) | undefined;
}) {
  return (
    <ul className="flex flex-wrap gap-x-4 gap-y-1 px-4 pt-1 pb-3 text-xs text-ink-muted">
      {props.series.keys.map((key, index) => {
        const look = props.looks[key];
        const href = props.hrefOf?.(key) ?? null;
        const body = (
          <>
            <span
              aria-hidden
              className="size-2 rounded-[2px]"
              style={{ background: look?.color }}
            />
            {look?.label ?? key}
            {props.hasTotals ? (
              <span className="text-ink tabular-nums">
                {props.formatValue(props.series.totals[index] ?? 0)}
              </span>
            ) : null}
          </>
        );
        return (
          <li key={key}>
            {href === null ? (
              <span className="flex items-center gap-1.5">{body}</span>
            ) : (
              <a
                href={href}
                className="flex items-center gap-1.5 rounded hover:text-ink hover:underline"
              >
                {body}
              </a>
            )}
          </li>
        );
      })}
    </ul>
  );
}

/**
 * Counts or measures over time, with their table. `looks` names and colours every key; `hrefOf`
 * leads from a key's total in the legend to the list that counts to it. Pass `onSelect` to let a
 * span be dragged out (a time range picker must offer the same by keyboard).
 */
export function TimeSeriesChart(
  props: Pick<TimeSeriesPlotProps, 'series' | 'looks' | 'shape' | 'onSelect'> & {
    readonly title: ReactNode;
    readonly summary: string;
    readonly heightPx?: number;
    /** How totals and cells read; counts in full by default. */
    readonly formatValue?: (value: number) => string;
    readonly formatAxis?: (value: number) => string;
    readonly hrefOf?: (key: string) => string | null;
    /** Totals mean nothing for a rate or a lag: then the legend only names the lines. */
    readonly hasTotals?: boolean;
    readonly emptyText: string;
    readonly className?: string;
  },
) {
  const zone = useTimeZone();
  const { series, looks } = props;
  const formatValue = props.formatValue ?? formatCount;
  const heightPx = props.heightPx ?? defaultHeightPx;
  return (
    <ChartFrame
      title={props.title}
      summary={props.summary}
      {...(props.className === undefined ? {} : { className: props.className })}
      table={() => ({
        columns: ['From', ...series.keys.map((key) => looks[key]?.label ?? key)],
        rows: series.points
          .toReversed()
          .map((point) => [
            formatInstant(point.atMs, zone, series.bucketMs < 60_000 ? 'second' : 'minute'),
            ...point.values.map(formatValue),
          ]),
      })}
      legend={
        <Legend
          series={series}
          looks={looks}
          formatValue={formatValue}
          hasTotals={props.hasTotals ?? true}
          hrefOf={props.hrefOf}
        />
      }
    >
      {isEmptySeries(series) ? (
        <p
          className="flex items-center justify-center text-sm text-ink-faint"
          style={{ height: heightPx }}
        >
          {props.emptyText}
        </p>
      ) : (
        <div style={{ height: heightPx }} aria-hidden>
          <Plot
            series={series}
            looks={looks}
            shape={props.shape}
            heightPx={heightPx}
            zone={zone}
            formatValue={props.formatAxis ?? formatCountShort}
            {...(props.onSelect === undefined ? {} : { onSelect: props.onSelect })}
          />
        </div>
      )}
    </ChartFrame>
  );
}
