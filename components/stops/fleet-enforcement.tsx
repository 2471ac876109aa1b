'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { classNames } from '../ui/class-names.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { EnforcementClassBadge } from './enforcement-badge.tsx';
import { formatBound } from './enforcement-words.ts';
import { boundSentence, orderClasses } from './prepare-preview.ts';

/** Which agents can really be stopped, and within how many seconds: the fleet by class, in one line. */
export function FleetEnforcement(props: { readonly className?: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.stops.preview.queryOptions({ scope: { kind: 'tenant' } }));
  if (query.data === undefined) return null;
  const classes = orderClasses(query.data.classes);
  if (classes.length === 0) return null;
  return (
    <section
      aria-label="Which agents can be stopped"
      className={classNames(
        'flex flex-wrap items-baseline gap-x-5 gap-y-1.5 border-b border-line px-4 py-2 text-xs',
        props.className,
      )}
    >
      <p className="text-sm font-medium">{boundSentence(classes)}</p>
      <ul className="flex flex-wrap items-baseline gap-x-4 gap-y-1">
        {classes.map((one) => (
          <li key={one.class} className="flex items-baseline gap-1.5">
            <span className="tabular-nums">{formatCounted(one.agents, 'agent')}</span>
            <EnforcementClassBadge name={one.class} />
            <span className={one.boundSeconds === null ? 'text-medium' : 'text-ink-muted'}>
              {formatBound(one.boundSeconds)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
