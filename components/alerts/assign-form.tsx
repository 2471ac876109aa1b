'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { Dialog } from '../ui/dialog.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';

const choiceLook =
  'flex w-full items-baseline gap-3 rounded border border-line px-3 py-2 text-left hover:bg-ink/4';

/** Whose alerts these should be: members who may triage, or nobody. */
export function AssignForm(props: {
  readonly title: string;
  readonly onClose: () => void;
  readonly onAssign: (assigneeId: string | null) => void;
}) {
  const trpc = useTRPC();
  const people = useQuery(trpc.alerts.assignees.queryOptions());
  return (
    <Dialog
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      title="Assign"
      description={props.title}
      footer={
        <Button look="quiet" onClick={props.onClose}>
          Cancel
        </Button>
      }
    >
      {people.isPending ? <SkeletonRows count={3} label="Loading the members" /> : null}
      {people.isError ? (
        <p role="alert" className="text-critical">
          {readProblem(people.error).sentence}
        </p>
      ) : null}
      {people.data === undefined ? null : (
        <div className="flex max-h-80 flex-col gap-1.5 overflow-y-auto">
          {people.data.items.map((one) => (
            <button
              key={one.id}
              type="button"
              className={choiceLook}
              onClick={() => props.onAssign(one.id)}
            >
              <span className="font-medium">{one.name}</span>
              <span className="min-w-0 flex-1 truncate text-xs text-ink-muted">{one.email}</span>
            </button>
          ))}
          <button type="button" className={choiceLook} onClick={() => props.onAssign(null)}>
            <span className="font-medium">Nobody</span>
          </button>
        </div>
      )}
    </Dialog>
  );
}
