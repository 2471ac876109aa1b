'use client';

import Link from 'next/link';
import type { Agent } from '#server/agents/contract.ts';
import { links } from '#server/kernel/links.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { EnforcementBadge } from './enforcement-badge.tsx';
import { enforcementWords } from './enforcement-words.ts';
import { ladderSentence } from './prepare-ladder.ts';
import { ScopeName } from './scope-name.tsx';
import { coversAgent } from './suggest-scope.ts';
import { useEnforcement } from './use-enforcement.ts';
import { useStandingStops } from './use-standing-stops.ts';

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
    </section>
  );
}
