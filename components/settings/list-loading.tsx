import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { ErrorState } from '../ui/state-panel.tsx';

/** A list that is not there: still on its way, or why it could not be loaded. */
export function ListLoading(props: { readonly error: unknown; readonly onRetry: () => void }) {
  if (props.error === null) return <SkeletonRows count={3} label="Loading" />;
  const problem = readProblem(props.error);
  return (
    <ErrorState
      title="This could not be loaded"
      requestId={problem.requestId}
      action={<Button onClick={props.onRetry}>Try again</Button>}
    >
      {problem.sentence}
    </ErrorState>
  );
}
