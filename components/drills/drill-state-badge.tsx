import { CircleCheck, CircleSlash, Timer } from 'lucide-react';
import type { Drill } from '#server/containment/drills/contract.ts';
import { Badge } from '../ui/badge.tsx';

/** Where a drill stands, in a word. */
export function DrillStateBadge({ drill }: { readonly drill: Pick<Drill, 'ended' | 'stopId'> }) {
  if (drill.ended === 'done') {
    return (
      <Badge tone="ok">
        <CircleCheck aria-hidden />
        done
      </Badge>
    );
  }
  if (drill.ended === 'lapsed') {
    return (
      <Badge tone="warn">
        <CircleSlash aria-hidden />
        lapsed
      </Badge>
    );
  }
  return (
    <Badge tone="accent">
      <Timer aria-hidden />
      {drill.stopId === null ? 'running' : 'stopped, waits for its lift'}
    </Badge>
  );
}
