import { X } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { formatCount } from '../ui/format-quantity.ts';
import { Kbd } from '../ui/kbd.tsx';
import type { Triage, Triaged } from './use-triage.tsx';

/** What can be done with the selected alerts together; stands over the list while any is. */
export function SelectionBar(props: {
  readonly selected: readonly Triaged[];
  readonly triage: Triage;
  readonly onClear: () => void;
}) {
  const { selected, triage } = props;
  const { actions, refusal } = triage;
  const open = selected.filter((alert) => alert.state === 'open');
  return (
    <div
      role="toolbar"
      aria-label="Selected alerts"
      className="flex flex-wrap items-center gap-1.5 border-b border-line bg-accent/8 px-3 py-1.5"
    >
      <span className="mr-1 text-xs font-medium tabular-nums" aria-live="polite">
        {formatCount(selected.length)} selected
      </span>
      <Button
        size="sm"
        disabledReason={refusal ?? (open.length === 0 ? 'None of them is open.' : null)}
        isBusy={actions.acknowledge.isPending}
        onClick={() => actions.acknowledge.mutate({ ids: open.map((alert) => alert.id) })}
      >
        Acknowledge
      </Button>
      <Button size="sm" disabledReason={refusal} onClick={() => triage.ask('resolve', selected)}>
        Resolve…
      </Button>
      <Button size="sm" disabledReason={refusal} onClick={() => triage.ask('set-aside', selected)}>
        Set aside… <Kbd>s</Kbd>
      </Button>
      <Button size="sm" disabledReason={refusal} onClick={() => triage.ask('assign', selected)}>
        Assign… <Kbd>m</Kbd>
      </Button>
      <Button
        size="sm"
        look="quiet"
        className="ml-auto"
        aria-label="Clear the selection"
        onClick={props.onClear}
      >
        <X aria-hidden />
        <span className="max-sm:sr-only">Clear</span>
      </Button>
    </div>
  );
}
