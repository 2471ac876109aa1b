import type { AlertDetail } from '#server/detection/contract.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedText } from '../ui/untrusted-text.tsx';
import { AlertStateBadge } from './alert-state.tsx';

/** Who changed the alert and when, newest first. A note is somebody's own words. */
export function AlertHistory({ history }: { readonly history: AlertDetail['history'] }) {
  return (
    <ol className="flex flex-col">
      {history.map((line, index) => (
        <li key={index} className="border-l border-line pb-3 pl-4 last:pb-0">
          <p className="flex flex-wrap items-center gap-2 text-xs text-ink-muted">
            <AlertStateBadge state={line.state} verdict={line.verdict} />
            <span>{line.actor ?? 'by the detector'}</span>
            <RelativeTime at={line.at} className="text-ink-faint" />
          </p>
          {line.note === null || line.note === '' ? null : (
            <UntrustedText text={line.note} label="Note" className="mt-2" />
          )}
        </li>
      ))}
    </ol>
  );
}
