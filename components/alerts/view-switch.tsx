import { Button } from '../ui/button.tsx';
import type { AlertView } from './alert-url.ts';

const words: Readonly<Record<AlertView, string>> = {
  list: 'One by one',
  rule: 'By rule',
  agent: 'By agent',
  matrix: 'Matrix',
};

/** How the alerts are laid out; the filters stay. */
export function ViewSwitch(props: {
  readonly view: AlertView;
  readonly onChange: (view: AlertView) => void;
}) {
  return (
    <nav
      aria-label="Layout of the alerts"
      className="flex gap-1 overflow-x-auto border-b border-line px-3 py-1.5"
    >
      {(Object.keys(words) as AlertView[]).map((view) => (
        <Button
          key={view}
          size="sm"
          look={props.view === view ? 'plain' : 'quiet'}
          aria-pressed={props.view === view}
          onClick={() => props.onChange(view)}
        >
          {words[view]}
        </Button>
      ))}
    </nav>
  );
}
