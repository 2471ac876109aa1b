import { Biohazard, Bug, ShieldAlert } from 'lucide-react';
import { Badge } from '../ui/badge.tsx';
import { formatCountShort, formatCounted } from '../ui/format-quantity.ts';

/** What a reader has to know of a trace at a glance: alerts, failures, untrusted content. */
export function TraceMarks(props: {
  readonly alerts: number;
  readonly errors: number;
  readonly hasUntrusted: boolean;
}) {
  return (
    <span className="inline-flex items-center gap-1">
      {props.alerts === 0 ? null : (
        <Badge tone="danger">
          <ShieldAlert aria-hidden />
          {formatCounted(props.alerts, 'alert')}
        </Badge>
      )}
      {props.errors === 0 ? null : (
        <Badge tone="warn">
          <Bug aria-hidden />
          {formatCountShort(props.errors)}
          <span className="sr-only">{props.errors === 1 ? ' error' : ' errors'}</span>
        </Badge>
      )}
      {props.hasUntrusted ? (
        <Badge tone="foreign">
          <Biohazard aria-hidden />
          untrusted
        </Badge>
      ) : null}
    </span>
  );
}
