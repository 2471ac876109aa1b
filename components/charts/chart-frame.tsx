'use client';

import { ChartColumn, Table2 } from 'lucide-react';
import { useId, useState, type ReactNode } from 'react';
import { classNames } from '../ui/class-names.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';

export interface ChartTable {
  readonly columns: readonly string[];
  /** Cells as text, the first naming the row. */
  readonly rows: readonly (readonly string[])[];
}

/**
 * What every chart stands in: its title, one sentence that says what it shows, and the table of
 * the same figures, one press away. `table` is made only when it is asked for.
 */
export function ChartFrame(props: {
  readonly title: ReactNode;
  /** What a reader who cannot see the chart should take from it. */
  readonly summary: string;
  readonly table: () => ChartTable;
  readonly legend?: ReactNode;
  readonly actions?: ReactNode;
  readonly children: ReactNode;
  readonly className?: string;
}) {
  const [isTable, setIsTable] = useState(false);
  const titleId = useId();
  const table = isTable ? props.table() : null;
  return (
    <figure
      aria-labelledby={titleId}
      className={classNames('flex min-w-0 flex-col', props.className)}
    >
      <figcaption className="flex min-h-8 items-center gap-2 px-4 pt-3">
        <h2 id={titleId} className="min-w-0 flex-1 truncate text-sm font-semibold">
          {props.title}
        </h2>
        {props.actions}
        <IconButton
          label={isTable ? 'Show the chart' : 'Show the figures as a table'}
          size="sm"
          onClick={() => setIsTable(!isTable)}
        >
          {isTable ? <ChartColumn /> : <Table2 />}
        </IconButton>
      </figcaption>
      <p className="px-4 pb-2 text-xs text-ink-faint">{props.summary}</p>
      {table === null ? (
        <>
          <div className="min-w-0 px-2">{props.children}</div>
          {props.legend}
        </>
      ) : (
        <Table label={props.summary} className="max-h-64 border-t border-line">
          <thead>
            <HeadRow>
              {table.columns.map((column, index) => (
                <Head key={column} align={index === 0 ? 'start' : 'end'}>
                  {column}
                </Head>
              ))}
            </HeadRow>
          </thead>
          <tbody>
            {table.rows.map((row) => (
              <Row key={row[0]}>
                {row.map((cell, index) => (
                  <Cell key={index} align={index === 0 ? 'start' : 'end'}>
                    {cell}
                  </Cell>
                ))}
              </Row>
            ))}
          </tbody>
        </Table>
      )}
    </figure>
  );
}
