import dynamic from 'next/dynamic';
import type { ApprovalDetail, OpenedArguments } from '#server/approvals/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Badge } from '../ui/badge.tsx';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { UntrustedInline, UntrustedText } from '../ui/untrusted-text.tsx';
import { Fact } from '../ui/detail-parts.tsx';
import { approvalWords } from './approval-words.ts';

// Asked for by what is decided already; the queue itself opens without it.
const ActionChain = dynamic(() => import('./action-chain.tsx').then((one) => one.ActionChain), {
  loading: () => null,
});

interface ContextProps {
  readonly tenant: string;
  readonly detail: ApprovalDetail;
}

/** Who asks: the agent by its own key, in which session, and for whom it says that it works. */
export function WhoAsks({ tenant, detail }: ContextProps) {
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 xl:grid-cols-3">
      <Fact name="Agent (verified by its key)">
        <Link href={links.agent(tenant, detail.agent)} className="hover:underline">
          {detail.agent}
        </Link>{' '}
        <span className="text-xs text-ink-faint">{detail.environment}</span>
      </Fact>
      <Fact name="Owner">{detail.ownerLabel ?? 'nobody'}</Fact>
      <Fact name="Key">{detail.keyName}</Fact>
      <Fact name="On behalf of (claimed)">
        {detail.onBehalfOf === null ? 'not told' : <UntrustedInline text={detail.onBehalfOf} />}
      </Fact>
      <Fact name="Session">
        {detail.sessionId === null ? 'not told' : <UntrustedInline text={detail.sessionId} />}
      </Fact>
      <Fact name="Instance">
        {detail.instanceId === null ? 'not told' : <UntrustedInline text={detail.instanceId} />}
      </Fact>
    </dl>
  );
}

/** Whom and how much the action reaches, read from its arguments. */
export function BlastRadius({ opened }: { readonly opened: OpenedArguments }) {
  const { recipients, rows, amount } = opened.blast;
  return (
    <dl className="grid grid-cols-2 gap-x-6 gap-y-3 xl:grid-cols-3">
      <Fact name="Recipients">
        {recipients.length === 0 ? (
          'none named'
        ) : (
          <ul className="flex flex-col gap-0.5">
            {recipients.slice(0, 20).map((one) => (
              <li key={one}>
                <UntrustedInline text={one} />
              </li>
            ))}
            {recipients.length > 20 ? <li>{recipients.length - 20} more, above</li> : null}
          </ul>
        )}
      </Fact>
      <Fact name="Amount">{amount ?? 'none named'}</Fact>
      <Fact name="Rows">{rows ?? 'none named'}</Fact>
    </dl>
  );
}

/** What the agent did in the minute before, with the way to the replay. */
export function MinuteBefore({ tenant, detail }: ContextProps) {
  const first = detail.before[0];
  if (first === undefined) return <p className="text-ink-muted">Nothing was reported.</p>;
  return (
    <>
      <ol className="flex flex-col gap-1 text-sm">
        {detail.before.map((event) => (
          <li key={event.eventId} className="flex flex-wrap items-center gap-x-3">
            <Instant at={event.startedAt} part="time" className="text-xs text-ink-faint" />
            <Link
              href={links.trace(tenant, event.traceId, { event: event.eventId })}
              className="hover:underline"
            >
              {event.kind.replaceAll('_', ' ')}
            </Link>
            {event.name === null ? null : <UntrustedInline text={event.name} charsMax={60} />}
            {event.trust === 'untrusted' ? <Badge tone="warn">untrusted</Badge> : null}
            {event.findings > 0 ? <Badge tone="warn">{event.findings} findings</Badge> : null}
          </li>
        ))}
      </ol>
      <Link
        href={links.trace(tenant, first.traceId, { event: first.eventId })}
        className="mt-2 inline-block text-sm text-accent hover:underline"
      >
        Replay the trace
      </Link>
    </>
  );
}

/** The last decisions on requests of this agent and tool. */
export function Precedent({ tenant, detail }: ContextProps) {
  if (detail.precedent.length === 0) {
    return <p className="text-ink-muted">This agent has not asked for this tool before.</p>;
  }
  return (
    <ul className="flex flex-col gap-1 text-sm">
      {detail.precedent.map((one) => (
        <li key={one.approvalId} className="flex flex-wrap items-center gap-x-3">
          <Severity level={one.band} className="w-20" />
          <Link href={links.approval(tenant, one.approvalId)} className="hover:underline">
            {approvalWords[one.state].word}
          </Link>
          <span className="text-ink-muted">{one.resolvedBy ?? ''}</span>
          <RelativeTime at={one.requestedAt} className="text-xs text-ink-faint" />
        </li>
      ))}
    </ul>
  );
}

/** What the agent says for itself, apart from everything that is known. */
export function AgentWords({ detail }: ContextProps) {
  return (
    <div className="flex flex-col gap-3">
      <p className="text-xs text-ink-muted">Claimed by the agent, unverified.</p>
      {detail.agentReason === null ? (
        <p className="text-ink-muted">It gave no reason.</p>
      ) : (
        <UntrustedText text={detail.agentReason} label="The agent’s reason, unverified" />
      )}
      {detail.questions.map((question) => (
        <div key={question.id} className="flex flex-col gap-1">
          <p className="text-sm">
            {question.askedBy} asked: {question.text}
          </p>
          {question.answer === null ? (
            <p className="text-xs text-ink-muted">No answer yet.</p>
          ) : (
            <UntrustedText text={question.answer} label="The agent’s answer, unverified" />
          )}
        </div>
      ))}
    </div>
  );
}

/** That reviewers changed the arguments: whoever votes now votes on what became of them. */
export function Edits({ detail }: ContextProps) {
  return (
    <ul className="flex flex-col gap-1.5 text-sm">
      {detail.edits.map((edit) => (
        <li key={edit.at}>
          <span className="font-medium">{edit.by}</span> edited the arguments, risk{' '}
          {edit.bandBefore} to {edit.band}{' '}
          <RelativeTime at={edit.at} className="text-xs text-ink-faint" />
          <p className="text-ink-muted">“{edit.reason}”</p>
        </li>
      ))}
      <li className="text-xs text-ink-faint">Votes on what was before an edit do not count.</li>
    </ul>
  );
}

/** Who voted, and whether it counts now. */
export function Votes({ detail }: ContextProps) {
  if (detail.votes.length === 0) return <p className="text-ink-muted">Nobody has voted.</p>;
  return (
    <ul className="flex flex-col gap-1.5 text-sm">
      {detail.votes.map((vote) => (
        <li key={vote.userId}>
          <span className="font-medium">{vote.label}</span>{' '}
          {vote.verdict === 'approve' ? 'approved' : 'denied'}
          {vote.isFresh ? ', password entered again' : ''}{' '}
          <RelativeTime at={vote.at} className="text-xs text-ink-faint" />
          {vote.reason === '' ? null : <p className="text-ink-muted">“{vote.reason}”</p>}
          {vote.discounted === null ? null : (
            <p className="text-xs text-high">Does not count: {vote.discounted.sentence}</p>
          )}
        </li>
      ))}
    </ul>
  );
}

/** What followed the decision, as far as it is known. */
export function Aftermath({ tenant, detail }: ContextProps) {
  return (
    <div className="flex flex-col gap-3">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 xl:grid-cols-3">
        <Fact name="Decided by">{detail.resolvedBy ?? 'nobody'}</Fact>
        {detail.denyReason === null ? null : (
          <Fact name="Reason told to the agent">{detail.denyReason}</Fact>
        )}
      </dl>
      <ActionChain tenant={tenant} actionId={detail.actionId} />
    </div>
  );
}
