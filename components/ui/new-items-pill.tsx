'use client';

import { ArrowUp } from 'lucide-react';
import { formatCounted } from './format-quantity.ts';

/**
 * Says that `count` items came in above and brings them when pressed; draws nothing at zero. Place
 * it over the top of the list, so that the list itself never moves under the pointer.
 */
export function NewItemsPill(props: {
  readonly count: number;
  readonly noun: string;
  readonly onShow: () => void;
}) {
  return (
    <output className="pointer-events-none absolute inset-x-0 top-2 z-20 flex justify-center">
      {props.count === 0 ? null : (
        <button
          type="button"
          onClick={props.onShow}
          className="pointer-events-auto inline-flex h-7 items-center gap-1.5 rounded-full border border-accent/50 bg-raised px-3 text-xs font-medium text-accent shadow-float hover:border-accent"
        >
          <ArrowUp aria-hidden className="size-3" />
          {formatCounted(props.count, `new ${props.noun}`)}
        </button>
      )}
    </output>
  );
}
