import type { ReactElement } from 'react';
import { classNames } from './class-names.ts';

/** Worst first. Colour, shape and word of each live in one record, so none can be forgotten. */
export const severityLevels = ['critical', 'high', 'medium', 'low', 'informational'] as const;
export type SeverityLevel = (typeof severityLevels)[number];

interface SeverityLook {
  readonly word: string;
  readonly textClass: string;
  /** The shape may be brighter than the word, which has to be read. */
  readonly markClass: string;
  readonly tintClass: string;
  /** For areas of a chart: a CSS colour. Text takes `textClass`. */
  readonly color: string;
  /** Drawn in a 12 × 12 box; told apart without any colour. */
  readonly shape: ReactElement;
}

/** The only place that says what a severity looks like. */
export const severityLooks: Readonly<Record<SeverityLevel, SeverityLook>> = {
  critical: {
    word: 'Critical',
    textClass: 'text-critical',
    markClass: 'text-critical-fill',
    tintClass: 'border-critical/45 bg-critical/12',
    color: 'var(--color-critical-fill)',
    shape: <path d="M3.7.5h4.6L11.5 3.7v4.6L8.3 11.5H3.7L.5 8.3V3.7z" />,
  },
  high: {
    word: 'High',
    textClass: 'text-high',
    markClass: 'text-high-fill',
    tintClass: 'border-high/45 bg-high/12',
    color: 'var(--color-high-fill)',
    shape: <path d="M6 .8 11.8 11H.2z" />,
  },
  medium: {
    word: 'Medium',
    textClass: 'text-medium',
    markClass: 'text-medium-fill',
    tintClass: 'border-medium/45 bg-medium/12',
    color: 'var(--color-medium-fill)',
    shape: <path d="M6 .4 11.6 6 6 11.6.4 6z" />,
  },
  low: {
    word: 'Low',
    textClass: 'text-low',
    markClass: 'text-low-fill',
    tintClass: 'border-low/45 bg-low/12',
    color: 'var(--color-low-fill)',
    shape: <path d="M6 11.2.2 1h11.6z" />,
  },
  informational: {
    word: 'Info',
    textClass: 'text-info',
    markClass: 'text-info-fill',
    tintClass: 'border-info/45 bg-info/12',
    color: 'var(--color-info-fill)',
    shape: (
      <path
        fillRule="evenodd"
        d="M6 .6a5.4 5.4 0 1 1 0 10.8A5.4 5.4 0 0 1 6 .6m0 2a3.4 3.4 0 1 0 0 6.8 3.4 3.4 0 0 0 0-6.8"
      />
    ),
  },
};

/** The shape alone, for dense places where the word stands nearby. */
export function SeverityMark(props: {
  readonly level: SeverityLevel;
  readonly className?: string;
}) {
  const look = severityLooks[props.level];
  return (
    <svg
      aria-hidden
      viewBox="0 0 12 12"
      fill="currentColor"
      className={classNames('size-3 shrink-0', look.markClass, props.className)}
    >
      {look.shape}
    </svg>
  );
}

/** Shape and word. `isFramed` sets it on a tint of its colour. */
export function Severity(props: {
  readonly level: SeverityLevel;
  readonly isFramed?: boolean;
  readonly className?: string;
}) {
  const look = severityLooks[props.level];
  return (
    <span
      className={classNames(
        'inline-flex items-center gap-1.5 text-xs font-medium whitespace-nowrap',
        look.textClass,
        props.isFramed === true && ['h-5 rounded border px-1.5 text-2xs', look.tintClass],
        props.className,
      )}
    >
      <SeverityMark level={props.level} className={props.isFramed === true ? 'size-2.5' : ''} />
      {look.word}
    </span>
  );
}
