'use client';

import dynamic from 'next/dynamic';
import { formatInstant } from '../ui/format-time.ts';
import { useTimeZone } from '../ui/relative-time.tsx';
import { Skeleton } from '../ui/skeleton.tsx';
import { ChartFrame } from './chart-frame.tsx';
import type { MeasuredPlotProps } from './measured-plot.tsx';

const heightPx = 184;

// Recharts is the largest library of a page: it comes after the page, into a box of its size.
const Plot = dynamic(() => import('./measured-plot.tsx').then((module) => module.MeasuredPlot), {
  ssr: false,
  loading: () => <Skeleton className="mx-2 h-44 opacity-40" />,
});

/**
 * Measures of occasions one after the other, on a logarithmic axis because they differ by powers of
 * ten, with their table; `formatReading` says of a cell that nothing was measured.
 */
export function MeasuredChart(
  props: Pick<MeasuredPlotProps, 'series' | 'looks' | 'formatValue'> & {
    readonly title: string;
    readonly summary: string;
    readonly formatReading: (value: number | null) => string;
    readonly emptyText: string;
  },
) {
  const zone = useTimeZone();
  const { series, looks, formatReading } = props;
  return (
    <ChartFrame
      title={props.title}
      summary={props.summary}
      table={() => ({
        columns: ['Started', ...series.keys.map((key) => looks[key]?.label ?? key)],
        rows: series.points
          .toReversed()
          .map((point) => [
            formatInstant(point.atMs, zone, 'second'),
            ...point.values.map(formatReading),
          ]),
      })}
      legend={
        <ul className="flex flex-wrap gap-x-4 gap-y-1 px-4 pt-1 pb-3 text-xs text-ink-muted">
          {series.keys.map((key) => (
            <li key={key} className="flex items-center gap-1.5">
              <span
                aria-hidden
                className="size-2 rounded-[2px]"
                style={{ background: looks[key]?.color }}
              />
              {looks[key]?.label ?? key}
            </li>
          ))}
        </ul>
      }
    >
      {series.points.length === 0 ? (
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
            heightPx={heightPx}
            zone={zone}
            formatValue={props.formatValue}
          />
        </div>
      )}
    </ChartFrame>
  );
}
