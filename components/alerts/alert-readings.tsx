import type { ReactNode } from 'react';
import type { AlertDetail } from '#server/detection/contract.ts';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { describeReading, type Reading } from './describe-reading.ts';

function UntrustedNames({ names }: { readonly names: readonly string[] }) {
  return (
    <ul className="flex flex-wrap gap-x-2 gap-y-1">
      {names.map((name) => (
        <li key={name}>
          <UntrustedInline text={name} />
        </li>
      ))}
    </ul>
  );
}

function Subject({ reading }: { readonly reading: Reading }): ReactNode {
  switch (reading.kind) {
    case 'volume':
    case 'errors':
      return <UntrustedInline text={reading.tool} />;
    case 'shape':
      return (
        <>
          <UntrustedInline text={reading.tool} /> with{' '}
          <UntrustedInline
            text={reading.shape === '' ? 'no arguments' : reading.shape}
            charsMax={300}
          />
        </>
      );
    case 'sequence':
      return (
        <ol className="flex flex-wrap items-center gap-x-1.5 gap-y-1">
          {reading.path.map((tool, index) => (
            <li key={index} className="flex items-center gap-1.5">
              {index === 0 ? null : <span aria-hidden>→</span>}
              <UntrustedInline text={tool} charsMax={60} />
            </li>
          ))}
        </ol>
      );
    case 'destination':
      return (
        <div className="flex flex-wrap gap-x-2 gap-y-1">
          <UntrustedInline text={reading.tool} /> to <UntrustedNames names={reading.fresh} />
        </div>
      );
    case 'scope':
      return <UntrustedNames names={reading.fresh} />;
    case 'drift':
      return 'The mix of tools';
  }
}

/**
 * What was unusual for the agent, in words, with the numbers that say so: the value, what is usual
 * (n, mean, σ), and the sequence or shape that it is about.
 */
export function AlertReadings({ readings }: { readonly readings: AlertDetail['readings'] }) {
  return (
    <ul className="flex flex-col gap-3">
      {readings.map((reading, index) => {
        const { claim, numbers } = describeReading(reading);
        return (
          <li key={index} className="min-w-0">
            <div className="break-words">
              <Subject reading={reading} />
            </div>
            <p className="mt-1 max-w-prose text-pretty text-ink-muted">{claim}</p>
            {numbers.length === 0 ? null : (
              <dl className="mt-1 flex flex-wrap gap-x-4 gap-y-1 text-xs text-ink-faint">
                {numbers.map(({ name, value }) => (
                  <div key={name} className="flex gap-1">
                    <dt>{name}</dt>
                    <dd className="tabular-nums text-ink-muted">{value}</dd>
                  </div>
                ))}
              </dl>
            )}
          </li>
        );
      })}
    </ul>
  );
}
