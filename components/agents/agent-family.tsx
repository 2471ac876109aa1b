'use client';

import { useQuery } from '@tanstack/react-query';
import type { AgentRelative } from '#server/gate/contract.ts';
import { links } from '#server/kernel/links.ts';
import { StopThisButton } from '../stops/stop-button.tsx';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

function Relatives(props: {
  readonly tenant: string;
  readonly title: string;
  readonly none: string;
  readonly relatives: readonly AgentRelative[];
}) {
  const { relatives } = props;
  return (
    <div className="flex gap-3 py-1">
      <dt className="w-28 shrink-0 text-ink-faint">{props.title}</dt>
      <dd className="min-w-0 flex-1">
        {relatives.length === 0 ? (
          <span className="text-ink-faint">{props.none}</span>
        ) : (
          <ul className="flex flex-col gap-1">
            {relatives.map((one) => (
              <li key={one.id} className="flex flex-wrap items-baseline gap-x-2">
                <Link
                  href={links.agents(props.tenant, { agent: one.slug })}
                  className="rounded font-medium break-all underline underline-offset-2"
                >
                  {one.slug}
                </Link>
                <span className={one.isVerified ? 'text-ink-muted' : 'text-medium'}>
                  {one.isVerified ? 'told by the parent’s own key' : 'claimed by a shared key'}
                </span>
                <span className="text-ink-faint">
                  <RelativeTime at={one.firstAt} />
                </span>
              </li>
            ))}
          </ul>
        )}
      </dd>
    </div>
  );
}

/** Who started the agent and whom it started, as telemetry tells, and the stop of the whole tree. */
export function AgentFamily(props: { readonly tenant: string; readonly slug: string }) {
  const { tenant, slug } = props;
  const trpc = useTRPC();
  const query = useQuery(trpc.stops.family.queryOptions({ agent: slug }));
  const family = query.data;
  if (family === undefined) {
    return query.isError ? (
      <p role="alert" className="text-sm text-medium">
        Whom it started could not be read: {readProblem(query.error).sentence}
      </p>
    ) : null;
  }
  const { parents, children, treeAgents } = family;
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-xs font-medium text-ink-muted">Started by and started</h3>
      <dl className="text-xs">
        <Relatives
          tenant={tenant}
          title="Started by"
          none="nobody that telemetry names"
          relatives={parents}
        />
        <Relatives
          tenant={tenant}
          title="Started"
          none="none that telemetry names"
          relatives={children}
        />
      </dl>
      {family.isInEveryTree ? (
        <p className="text-xs text-medium">
          It descends from more agents than are kept, so the stop of any tree covers it.
        </p>
      ) : null}
      {children.length === 0 ? null : (
        <div>
          <StopThisButton
            size="sm"
            what={`its tree of ${formatCounted(treeAgents, 'agent')}`}
            wish={{ scope: { kind: 'tree', id: slug } }}
          />
        </div>
      )}
    </section>
  );
}
