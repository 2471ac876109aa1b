import type { ApprovalDetail, OpenedArguments } from '#server/approvals/contract.ts';
import { links } from '#server/kernel/links.ts';
import { Badge } from '../ui/badge.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { Link } from '../ui/link.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { approvalWords } from './approval-words.ts';
import { Countdown } from './countdown.tsx';
import { PlainSentence } from './plain-sentence.tsx';

/** What the permit of a decided request does now; null where none was ever issued. */
const permitWords: Readonly<Record<string, string>> = {
  live: 'permit live',
  expired: 'permit expired',
  redeemed: 'permit redeemed',
  halted: 'permit ended by a stop',
};

/** First of all: how grave, what it would do, how long there is, and whose votes are missing. */
export function VerdictStrip(props: {
  readonly detail: ApprovalDetail;
  readonly opened: OpenedArguments | null;
  readonly skewMs: number;
}) {
  const { detail } = props;
  const state = approvalWords[detail.state];
  return (
    <div>
      <div className="mb-1.5 flex flex-wrap items-center gap-2">
        <Severity level={detail.band} isFramed />
        <Badge tone={state.tone}>{state.word}</Badge>
        {detail.permitState === null ? null : (
          <Badge>{permitWords[detail.permitState] ?? detail.permitState}</Badge>
        )}
        <CopyableId id={detail.fingerprint} label="Copy the fingerprint" />
        <CopyableId
          id={detail.id}
          shown={`…${detail.id.slice(-8)}`}
          label="Copy the request’s id"
        />
      </div>
      <PlainSentence detail={detail} opened={props.opened} />
      <dl className="mt-3 flex flex-wrap gap-x-8 gap-y-2 text-sm">
        <div>
          <dt className="text-xs text-ink-faint">Request expires in</dt>
          <dd className="font-semibold tabular-nums">
            {detail.state === 'pending' ? (
              <Countdown until={detail.expiresAt} skewMs={props.skewMs} />
            ) : (
              state.word
            )}
          </dd>
        </div>
        <div>
          <dt className="text-xs text-ink-faint">
            {detail.permitExpiresAt === null ? 'Permit, once approved' : 'Permit ends in'}
          </dt>
          <dd className="tabular-nums">
            {detail.permitExpiresAt === null || detail.permitState !== 'live' ? (
              'two minutes, one use'
            ) : (
              <Countdown until={detail.permitExpiresAt} skewMs={props.skewMs} />
            )}
          </dd>
        </div>
        <div>
          <dt className="text-xs text-ink-faint">Approvals</dt>
          <dd className="tabular-nums">
            {detail.approvals} of {detail.needs}
            {detail.missing > 0 ? `, ${detail.missing} missing` : null}
          </dd>
        </div>
        <div>
          <dt className="text-xs text-ink-faint">Asked</dt>
          <dd>
            <RelativeTime at={detail.requestedAt} />
          </dd>
        </div>
      </dl>
    </div>
  );
}

/** Why somebody is asked: the reasons, and every factor with its value and what it was read from. */
export function WhyAsked(props: { readonly tenant: string; readonly detail: ApprovalDetail }) {
  const { tenant, detail } = props;
  return (
    <>
      <ul className="mb-3 flex flex-col gap-1">
        {detail.reasons.map((reason) => (
          <li key={reason.code}>{reason.detail}</li>
        ))}
      </ul>
      <table className="w-full text-sm">
        <caption className="sr-only">Factors of the risk</caption>
        <thead>
          <tr className="text-left text-xs text-ink-faint">
            <th className="py-1 pr-4 font-normal">Factor</th>
            <th className="py-1 pr-4 font-normal">Value</th>
            <th className="py-1 font-normal">Because</th>
          </tr>
        </thead>
        <tbody>
          {detail.factors.map((factor) => (
            <tr key={factor.name} className="border-t border-line align-top">
              <td className="py-1 pr-4">{factor.name.replaceAll('_', ' ')}</td>
              <td className="py-1 pr-4 tabular-nums">{String(factor.value)}</td>
              <td className="py-1 text-ink-muted">
                {factor.reason}
                {factor.sources?.map(({ argument, eventId, traceId }) => (
                  <Link
                    key={argument}
                    href={links.trace(tenant, traceId, { event: eventId })}
                    className="block text-accent hover:underline"
                  >
                    where {argument} was read
                  </Link>
                ))}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </>
  );
}
