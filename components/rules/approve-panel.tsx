import type { RuleDetail } from '#server/detection/contract.ts';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';

/** The last step: somebody else takes the text over and switches the rule on. */
export function ApprovePanel(props: {
  readonly rule: RuleDetail | null;
  /** Why it cannot be approved now, one sentence; null when it can. */
  readonly refusal: string | null;
  readonly isBusy: boolean;
  readonly onApprove: () => void;
  readonly onDiscard: () => void;
}) {
  const { rule } = props;
  const proposal = rule?.proposal ?? null;
  return (
    <div className="flex flex-col gap-3">
      {proposal === null ? null : (
        <p className="text-xs text-ink-muted">
          Version {proposal.version}, saved by {proposal.isOwn ? 'you' : proposal.author}{' '}
          <RelativeTime at={proposal.editedAt} />.
          {proposal.isAlone
            ? ' Nobody else may approve rules here, so you may approve your own; the log says that you were alone.'
            : null}
        </p>
      )}
      {props.refusal === null ? null : <p className="text-xs text-ink-muted">{props.refusal}</p>}
      <div className="flex flex-wrap gap-2">
        <Button
          look="primary"
          isBusy={props.isBusy}
          disabledReason={props.refusal}
          onClick={props.onApprove}
        >
          Approve and enable
        </Button>
        {proposal === null || rule?.state === 'draft' ? null : (
          <Button look="quiet" onClick={props.onDiscard}>
            Discard the change
          </Button>
        )}
      </div>
    </div>
  );
}
