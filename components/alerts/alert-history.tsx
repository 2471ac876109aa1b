import type { AlertHistoryLine } from '#server/detection/contract.ts';
import type { AlertStepKind } from '#server/detection/states/contract.ts';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedText } from '../ui/untrusted-text.tsx';
import { verdictWords } from './alert-state.tsx';

const words: Readonly<Record<AlertStepKind | 'opened', string>> = {
  opened: 'Raised',
  acknowledged: 'Acknowledged',
  resolved: 'Resolved',
  snoozed: 'Snoozed',
  archived: 'Archived until it escalates',
  returned: 'Brought back',
  assigned: 'Assigned',
  commented: 'Commented',
  undone: 'Took back',
};

/** What a step says beside its word. */
function StepDetail({ line }: { readonly line: AlertHistoryLine }) {
  if (line.verdict !== undefined) return <> as {verdictWords[line.verdict].word.toLowerCase()}</>;
  if (line.until !== undefined) {
    return (
      <>
        {' '}
        until <Instant at={line.until} part="minute" />
      </>
    );
  }
  if (line.assignee !== undefined) return <> to {line.assignee ?? 'nobody'}</>;
  if (line.undone !== undefined) return <>: {words[line.undone].toLowerCase()}</>;
  return null;
}

/** Who did what with the alert and when, newest first. Notes are people's own words. */
export function AlertHistory({ history }: { readonly history: readonly AlertHistoryLine[] }) {
  return (
    <ol className="flex flex-col">
      {history.map((line, index) => (
        <li key={index} className="border-l border-line pb-3 pl-4 last:pb-0">
          <p className="flex flex-wrap items-baseline gap-x-2 text-xs text-ink-muted">
            <span className="font-medium text-ink">
              {words[line.step]}
              <StepDetail line={line} />
            </span>
            <span>{line.actor ?? 'by the detector'}</span>
            <RelativeTime at={line.at} className="text-ink-faint" />
          </p>
          {line.note === undefined || line.note === '' ? null : (
            <UntrustedText
              text={line.note}
              label={line.step === 'commented' ? 'Comment' : 'Note'}
              className="mt-2"
            />
          )}
        </li>
      ))}
    </ol>
  );
}
