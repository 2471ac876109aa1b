import type { ApprovalRow as Row } from '#server/approvals/contract.ts';
import { Badge } from '../ui/badge.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Severity } from '../ui/severity.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { approvalWords } from './approval-words.ts';
import { Countdown } from './countdown.tsx';

/** Height of a row in pixels before it is measured. */
export const approvalRowHeightPx = 52;

/** One request: how grave, who asks for what, votes, and how long it still waits. */
export function ApprovalRow({ row, skewMs }: { readonly row: Row; readonly skewMs: number }) {
  const isWaiting = row.state === 'pending' || row.state === 'frozen';
  return (
    <span className="flex min-h-13 flex-col justify-center gap-0.5 px-3 py-1.5">
      <span className="flex items-center gap-3">
        <Severity level={row.band} className="w-20 shrink-0" />
        <span className="min-w-0 flex-1 truncate font-medium">
          <UntrustedInline text={row.tool} charsMax={60} />
        </span>
        {isWaiting && row.state === 'pending' ? (
          <Countdown
            until={row.expiresAt}
            skewMs={skewMs}
            className="shrink-0 text-xs text-ink-muted tabular-nums"
          />
        ) : (
          <Badge tone={approvalWords[row.state].tone}>{approvalWords[row.state].word}</Badge>
        )}
      </span>
      <span className="flex items-center gap-3 text-xs text-ink-faint">
        <span className="w-20 shrink-0 font-mono">{row.fingerprint}</span>
        <span className="min-w-0 flex-1 truncate">
          {row.agent}
          {row.refusal === null || !isWaiting ? null : ` · ${row.refusal.sentence}`}
        </span>
        <span className="shrink-0 tabular-nums">
          {row.approvals} of {row.needs}
        </span>
        <RelativeTime at={row.requestedAt} className="w-16 shrink-0 text-right" />
      </span>
    </span>
  );
}
