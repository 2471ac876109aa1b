import { gradeMeanings } from '#server/agents/states/contract.ts';
import { classNames } from '../ui/class-names.ts';

const steps = [1, 2, 3, 4] as const;

/** A grade from 0 to 4 as filled steps, with the number and, for screen readers, its meaning. */
export function Grade(props: {
  readonly fact: keyof typeof gradeMeanings;
  readonly value: number;
}) {
  const meaning = gradeMeanings[props.fact][props.value] ?? '';
  return (
    <span className="inline-flex items-center gap-1.5" title={meaning}>
      <span className="w-2 text-right tabular-nums">{props.value}</span>
      <span aria-hidden className="flex gap-0.5">
        {steps.map((step) => (
          <span
            key={step}
            className={classNames(
              'h-2 w-1.5 rounded-[1px]',
              step > props.value ? 'bg-ink/10' : props.value >= 4 ? 'bg-critical' : 'bg-ink/45',
            )}
          />
        ))}
      </span>
      <span className="sr-only">: {meaning}</span>
    </span>
  );
}
