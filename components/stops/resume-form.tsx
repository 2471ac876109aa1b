'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
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
  const [isLooking, setIsLooking] = useState(false);
  const wanted = trpc.agents.list.queryOptions({
    limit: suggestionsMax,
    ...(name === '' ? {} : { search: name }),
  });
  const agents = useQuery({ ...wanted, placeholderData: (old) => old });
  const queryClient = useQueryClient();
  const resume = useResume(props.onClose);
  const known = agents.data?.items ?? [];
  const named = (items: typeof known) => items.find(({ slug }) => slug === name.trim());
  // While the list is on its way nobody can tell.
  const isNameMissing = !agents.isFetching && named(known) === undefined;
  const missingReason = reason.trim() === '' ? 'Say why; whoever reads the log will ask.' : null;
  const isOpen = useRef(false);
  useEffect(() => {
    isOpen.current = true;
    return () => {
      isOpen.current = false;
    };
  }, []);
  /** Whoever is quicker than the list of agents waits for it; whoever closes the form meanwhile sends nothing. */
  const send = async () => {
    setIsLooking(true);
    const read = named(known)
      ? known
      : await queryClient.fetchQuery(wanted).then(
          ({ items }) => items,
          () => [],
        );
    setIsLooking(false);
    const agent = named(read);
    if (agent === undefined || !isOpen.current) return;
    resume.mutate({ id: props.stop.id, agentId: agent.id, reason: reason.trim() });
  };
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
      isBusy={resume.isPending || isLooking}
      error={resume.error}
      onSubmit={() => {
        setIsTried(true);
        if (missingReason === null) void send();
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
        {isTried && isNameMissing ? (
          <p role="alert" className="text-xs text-critical">
            {agents.isError
              ? 'The agents could not be read; try again.'
              : 'Choose one of the agents that the stop holds.'}
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
