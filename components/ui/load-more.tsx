'use client';

import { Button } from './button.tsx';
import { formatCount } from './format-quantity.ts';

/**
 * The end of a list that is loaded in pages: a button while there is more, and a plain word when
 * there is not, so that an end is never mistaken for a pause.
 */
export function LoadMore(props: {
  readonly hasMore: boolean;
  readonly isLoading: boolean;
  readonly onLoad: () => void;
  /** What the list holds, in the plural: "alerts". */
  readonly noun: string;
  /** How many are loaded; told at the end, so that a count elsewhere can be compared with it. */
  readonly count?: number;
  readonly error?: string | null;
}) {
  if (!props.hasMore) {
    return (
      <p className="px-3 py-4 text-center text-xs text-ink-faint">
        {props.count === undefined ? '' : `${formatCount(props.count)} in all. `}No more{' '}
        {props.noun}.
      </p>
    );
  }
  return (
    <div className="flex flex-col items-center gap-2 px-3 py-3">
      {props.error === undefined || props.error === null ? null : (
        <p role="alert" className="text-xs text-critical">
          {props.error}
        </p>
      )}
      <Button size="sm" isBusy={props.isLoading} onClick={props.onLoad}>
        Load more {props.noun}
      </Button>
    </div>
  );
}
