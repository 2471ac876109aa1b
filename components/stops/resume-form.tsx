'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { StopDetail } from '#server/containment/contract.ts';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Field } from '../ui/field.tsx';
import { Textarea } from '../ui/input.tsx';
import { SuggestInput } from '../ui/suggest-input.tsx';
import { useToast } from '../ui/toast.tsx';
import type { LiftRules } from './stop-lifts.tsx';

const suggestionsMax = 50;
const nameCharsMax = 256;

function useResume(onDone: () => void) {
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  return useMutation(
    trpc.stops.resumeAgent.mutationOptions({
      onSuccess: ({ missing }) => {
        if (missing === 0) toast.done('The agent works again', 'It is watched.');
        else toast.done('Asked for', 'It takes somebody else now.');
        onDone();
      },
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.stops.pathKey() }),
    }),
  );
}

/** Which agent goes first, and why it may. */
export function ResumeForm(props: {
  readonly stop: Pick<StopDetail, 'id' | 'liftsNeeded'>;
  readonly rules: LiftRules;
  /** Name to begin with. */
  readonly agent: string;
  readonly onClose: () => void;
}) {
  const trpc = useTRPC();
  const [name, setName] = useState(props.agent);
  const [reason, setReason] = useState('');
  const [isTried, setIsTried] = useState(false);
  const agents = useQuery(
    trpc.agents.list.queryOptions(
      { limit: suggestionsMax, ...(name === '' ? {} : { search: name }) },
      { placeholderData: (old) => old },
    ),
  );
  const resume = useResume(props.onClose);
  const known = agents.data?.items ?? [];
  const agent = known.find(({ slug }) => slug === name.trim());
  const missingName = agent === undefined ? 'Choose one of the agents that the stop holds.' : null;
  const missingReason = reason.trim() === '' ? 'Say why; whoever reads the log will ask.' : null;
  return (
    <FormDialog
      title="Let one agent go first"
      description={`The stop goes on standing for all others. ${
        props.stop.liftsNeeded > 1 ? 'As for the lift, a second person has to say so too.' : ''
      }`.trim()}
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      deed="Let it go first"
      isBusy={resume.isPending}
      error={resume.error}
      onSubmit={() => {
        setIsTried(true);
        if (agent === undefined || missingReason !== null) return;
        resume.mutate({ id: props.stop.id, agentId: agent.id, reason: reason.trim() });
      }}
    >
      <div className="flex flex-col gap-1">
        <span className="text-sm font-medium">Agent</span>
        <SuggestInput
          label="Agent"
          value={name}
          suggestions={known.map(({ slug }) => slug)}
          placeholder="Name of the agent"
          charsMax={nameCharsMax}
          onChange={setName}
        />
        {isTried && missingName !== null ? (
          <p role="alert" className="text-xs text-critical">
            {missingName}
          </p>
        ) : null}
      </div>
      <Field
        label="Why it is safe again"
        hint="Kept with the stop and in the audit log."
        error={isTried ? missingReason : null}
      >
        <Textarea
          value={reason}
          maxLength={props.rules.reasonCharsMax}
          onChange={(event) => setReason(event.target.value)}
        />
      </Field>
    </FormDialog>
  );
}
