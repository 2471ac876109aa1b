import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/state-panel.tsx';
import { readProblem } from './read-problem.ts';

/**
 * In the place of one thing that could not be read: why, and what helps. What is not there is not asked
 * for again.
 */
export function LoadFailure(props: {
  /** What it is, such as `stop`. */
  readonly noun: string;
  readonly query: { readonly error: unknown; readonly refetch: () => unknown };
  /** Absent where there is nothing to go back to. */
  readonly onClose?: () => void;
}) {
  const { noun, query, onClose } = props;
  const { kind, requestId, sentence } = readProblem(query.error);
  const isMissing = kind === 'missing';
  return (
    <ErrorState
      title={isMissing ? `No such ${noun}` : `The ${noun} could not be loaded`}
      requestId={requestId}
      action={
        <>
          {isMissing ? null : <Button onClick={() => void query.refetch()}>Try again</Button>}
          {onClose === undefined ? null : (
            <Button look="quiet" onClick={onClose}>
              Close
            </Button>
          )}
        </>
      }
    >
      {sentence}
    </ErrorState>
  );
}
