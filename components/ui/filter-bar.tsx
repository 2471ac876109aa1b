'use client';

import { Plus, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from './button.tsx';
import { classNames } from './class-names.ts';
import { Menu, MenuChoice } from './menu.tsx';

export interface FilterChoice {
  readonly value: string;
  readonly label: ReactNode;
}

export interface Filter {
  readonly name: string;
  readonly label: string;
  readonly options: readonly FilterChoice[];
  /** The chosen value, null for any. Keep it in the URL. */
  readonly value: string | null;
  /** What null is called; "Any" unless said otherwise. */
  readonly anyLabel?: string;
  readonly onChange: (value: string | null) => void;
}

const anyValue = '\u0000any';

function FilterControl({ filter }: { readonly filter: Filter }) {
  const chosen = filter.options.find((option) => option.value === filter.value);
  return (
    <span className="inline-flex">
      <Menu
        trigger={
          <Button
            size="sm"
            look={filter.value === null ? 'quiet' : 'plain'}
            className={
              filter.value === null ? 'border-dashed border-line-strong/60' : 'rounded-r-none'
            }
          >
            {filter.value === null ? <Plus aria-hidden /> : null}
            <span className="text-ink-muted">{filter.label}</span>
            {filter.value === null ? null : (
              <span className="max-w-40 truncate text-ink">{chosen?.label ?? filter.value}</span>
            )}
          </Button>
        }
      >
        <MenuChoice
          label={filter.label}
          value={filter.value ?? anyValue}
          options={[{ value: anyValue, label: filter.anyLabel ?? 'Any' }, ...filter.options]}
          onChange={(value) => filter.onChange(value === anyValue ? null : value)}
        />
      </Menu>
      {filter.value === null ? null : (
        <Button
          size="sm"
          aria-label={`Remove the filter ${filter.label}`}
          className="-ml-px w-6 rounded-l-none px-0"
          onClick={() => filter.onChange(null)}
        >
          <X aria-hidden />
        </Button>
      )}
    </span>
  );
}

/**
 * The filters of a list in one line, each a button that shows its choice. `leading` takes the
 * search box, `trailing` the time range and the like.
 */
export function FilterBar(props: {
  readonly filters: readonly Filter[];
  readonly leading?: ReactNode;
  readonly trailing?: ReactNode;
  readonly className?: string;
}) {
  const set = props.filters.filter((filter) => filter.value !== null);
  return (
    <div
      role="toolbar"
      aria-label="Filters"
      className={classNames(
        'flex flex-wrap items-center gap-1.5 border-b border-line px-4 py-2',
        props.className,
      )}
    >
      {props.leading}
      {props.filters.map((filter) => (
        <FilterControl key={filter.name} filter={filter} />
      ))}
      {set.length > 1 ? (
        <Button
          size="sm"
          look="quiet"
          onClick={() => {
            for (const filter of set) filter.onChange(null);
          }}
        >
          Clear all
        </Button>
      ) : null}
      {props.trailing === undefined ? null : (
        <span className="ml-auto flex items-center gap-1.5">{props.trailing}</span>
      )}
    </div>
  );
}
