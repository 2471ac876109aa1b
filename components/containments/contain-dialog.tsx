'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRef, useState } from 'react';
import { links } from '#server/kernel/links.ts';
import { ChoicePills } from '../stops/choice-pills.tsx';
import { HoldButton } from '../stops/hold-button.tsx';
import { type StopReason, stopReasons } from '../stops/stop-words.ts';
import { useTRPC } from '../trpc/client.ts';
import { readProblem } from '../trpc/read-problem.ts';
import { Button } from '../ui/button.tsx';
import { DialogPopup } from '../ui/dialog-popup.tsx';
import { Link } from '../ui/link.tsx';
import { ContainReach } from './contain-reach.tsx';
import { ContainmentPanel } from './containment-panel.tsx';

interface DialogProps {
  readonly tenant: string;
  readonly agent: string;
  readonly alertId: string | null;
  readonly onClose: () => void;
}

/** What came of the press, item by item. */
function Answer(props: DialogProps & { readonly isNew: boolean }) {
  return (
    <div className="flex flex-col gap-3">
      {props.isNew ? null : (
        <p className="text-sm text-ink-muted">
          It was contained already; what did not hold any more was done again.
        </p>
      )}
      <ContainmentPanel tenant={props.tenant} of={{ agent: props.agent }} />
      <Link
        href={links.agent(props.tenant, props.agent)}
        onClick={props.onClose}
        className="self-start text-sm underline underline-offset-2"
      >
        Open the agent
      </Link>
    </div>
  );
}

/**
 * One button that stops an agent, locks it, holds evidence and cuts what it holds; before it, what that
 * reaches, and after it, what of it is proven.
 */
export function ContainDialog(props: DialogProps) {
  const { agent, alertId } = props;
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const [reason, setReason] = useState<StopReason>(stopReasons[0]);
  const [isExfiltration, setIsExfiltration] = useState(false);
  const holdRef = useRef<HTMLButtonElement>(null);
  const begin = useMutation(
    trpc.containments.begin.mutationOptions({
      onSettled: async () => {
        for (const queryKey of [
          trpc.containments.pathKey(),
          trpc.stops.pathKey(),
          trpc.agents.pathKey(),
        ]) {
          await queryClient.invalidateQueries({ queryKey });
        }
      },
    }),
  );
  const isDone = begin.isSuccess;
  return (
    <DialogPopup
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      title={`Contain ${agent}`}
      description={
        isDone
          ? undefined
          : 'Stop, lock, hold evidence, cut credentials, prove it. Nothing happens until you hold the button.'
      }
      initialFocus={holdRef}
      className="top-[6vh] max-h-[88vh] w-[min(42rem,calc(100vw-1rem))] max-sm:top-2 max-sm:max-h-[calc(100dvh-1rem)]"
      footer={
        isDone ? (
          <Button onClick={props.onClose}>Close</Button>
        ) : (
          <div className="flex-1">
            <HoldButton
              ref={holdRef}
              label={begin.isError ? 'Hold to try again' : 'Hold to contain'}
              disabledReason={begin.isPending ? 'Waiting for the answer.' : null}
              onHeld={() => begin.mutate({ agent, reason, isExfiltration, alertId })}
            />
          </div>
        )
      }
    >
      {isDone ? (
        <Answer {...props} isNew={begin.data.isNew} />
      ) : (
        <div className="flex flex-col gap-4">
          {begin.isError ? (
            <p
              role="alert"
              className="rounded border border-critical/45 bg-critical/10 px-3 py-2 text-sm"
            >
              {readProblem(begin.error).sentence} What was begun goes on by itself; holding again
              changes nothing that is done.
            </p>
          ) : null}
          <ContainReach agent={agent} />
          <ChoicePills
            legend="Why"
            name="contain-reason"
            value={reason}
            options={stopReasons.map((text) => ({ value: text, label: text }))}
            onChange={setReason}
          />
          <ChoicePills
            legend="What comes first"
            name="contain-order"
            value={isExfiltration ? 'cut' : 'evidence'}
            options={[
              { value: 'evidence', label: 'Evidence, then the cut' },
              { value: 'cut', label: 'Data is leaving: cut first' },
            ]}
            onChange={(first) => setIsExfiltration(first === 'cut')}
          />
          <p className="text-xs text-ink-muted">
            It closes no network, freezes no memory, and cuts only what this broker knows. Revoking
            cannot be undone.
          </p>
        </div>
      )}
    </DialogPopup>
  );
}
