import { classNames } from '../ui/class-names.ts';
import { prepareSparkline } from './prepare-sparkline.ts';

/**
 * The course of one figure, no bigger than a word. `label` says in words what it shows, with the
 * figures that matter: "Events a minute, 12 now, 40 at most".
 */
export function Sparkline(props: {
  readonly values: readonly number[];
  readonly label: string;
  readonly className?: string;
}) {
  const path = prepareSparkline(props.values, 96, 24);
  return (
    <svg
      role="img"
      aria-label={props.label}
      viewBox="0 -1 96 26"
      preserveAspectRatio="none"
      className={classNames('h-6 w-24 text-series-1', props.className)}
    >
      {path === null ? null : (
        <>
          <path d={path.area} fill="currentColor" opacity={0.14} />
          <path
            d={path.line}
            fill="none"
            stroke="currentColor"
            strokeWidth={1.5}
            vectorEffect="non-scaling-stroke"
          />
        </>
      )}
    </svg>
  );
}
