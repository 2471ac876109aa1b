'use client';

import { useQuery } from '@tanstack/react-query';
import type { Agent } from '#server/agents/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { formatCount } from '../ui/format-quantity.ts';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { EnforcementBadge } from './enforcement-badge.tsx';
import { enforcementWords } from './enforcement-words.ts';
import { ladderSentence } from './prepare-ladder.ts';
import { ScopeName } from './scope-name.tsx';
import { coversAgent } from './suggest-scope.ts';
import { useEnforcement } from './use-enforcement.ts';
import { useStandingStops } from './use-standing-stops.ts';

/** How many of its governed calls had a redeemed permit, tool by tool; nothing where there are none. */
function Coverage({ agentId }: { readonly agentId: string }) {
  const trpc = useTRPC();
  const query = useQuery(trpc.actions.coverage.queryOptions({ agentIds: [agentId] }));
  const tools = query.data ?? [];
  if (tools.length === 0) return null;
  return (
    <Table
      label="Governed calls with a permit, last 30 days"
      className="max-h-64 rounded border border-line"
    >
      <thead>
        <HeadRow>
          <Head>Governed tool</Head>
          <Head align="end">Calls with a permit</Head>
          <Head align="end">Coverage</Head>
        </HeadRow>
      </thead>
      <tbody>
        {tools.map((one) => (
          <Row key={one.tool}>
            <Cell>
              <UntrustedInline text={one.tool} charsMax={40} />
            </Cell>
            <Cell align="end">
              {formatCount(one.permitted)} of {formatCount(one.calls)}
              {one.unverified === 0 ? null : (
                <span className="block text-xs text-ink-faint">
                  {formatCount(one.unverified)} more claimed by other keys
                </span>
              )}
            </Cell>
            <Cell
              align="end"
              className={one.percent !== null && one.percent < 100 ? 'text-medium' : ''}
            >
              {one.percent === null ? '–' : `${one.percent}\u00a0%`}
            </Cell>
          </Row>
        ))}
      </tbody>
    </Table>
  );
}

/** Whether one agent is stopped, and how surely it could be: the class, its bound and the evidence. */
export function AgentStopFacts(props: {
  readonly tenant: string;
  readonly agent: Pick<Agent, 'id' | 'environment'>;
}) {
  const { agent } = props;
  const enforcement = useEnforcement([agent.id])(agent.id);
  const standing = useStandingStops().data ?? [];
  const covering = standing.filter((stop) => coversAgent(stop.scope, agent));
  return (
    <section className="flex flex-col gap-1.5">
      <h3 className="text-xs font-medium text-ink-muted">If it must be stopped</h3>
      {covering.map((stop) => (
        <p
          key={stop.id}
          className="rounded border border-critical/45 bg-critical/10 px-3 py-2 text-sm"
        >
          Under a stop of <ScopeName scope={stop.scope} />, by {stop.placedBy}{' '}
          <RelativeTime at={stop.placedAt} />:{' '}
          <Link
            href={links.stop(props.tenant, stop.id)}
            className="rounded font-medium underline underline-offset-2"
          >
            {ladderSentence(stop.counts)}
          </Link>
        </p>
      ))}
      {enforcement === null ? (
        <p className="text-sm text-ink-faint">How surely it can be stopped is not known yet.</p>
      ) : (
        <div className="flex flex-col gap-1.5 rounded border border-line px-3 py-2 text-xs">
          <EnforcementBadge enforcement={enforcement} />
          <p>{enforcementWords[enforcement.class].means}</p>
          <ul className="list-disc pl-4 text-ink-muted">
            {enforcement.evidence.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
          </ul>
        </div>
      )}
      <Coverage agentId={agent.id} />
    </section>
  );
}
