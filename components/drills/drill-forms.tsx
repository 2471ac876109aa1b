'use client';

import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { FormDialog } from '../settings/form-dialog.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Checkbox } from '../ui/checkbox.tsx';
import { Field } from '../ui/field.tsx';
import { Input } from '../ui/input.tsx';
import { Select } from '../ui/select.tsx';
import { useToast } from '../ui/toast.tsx';

interface DrillAgent {
  readonly id: string;
  readonly slug: string;
}

interface FormProps {
  /** Marked for drills; at least one. */
  readonly agents: readonly DrillAgent[];
  readonly onClose: () => void;
}

/** Stands for no credential in a list that needs a value. */
const noCredential = 'none';

const optionsOf = (agents: readonly DrillAgent[]) =>
  agents.map(({ id, slug }) => ({ value: id, label: slug }));

/** Begins a drill; it opens by itself when it is there. */
export function StartDrillForm(props: FormProps & { readonly onStarted: (id: string) => void }) {
  const [agentId, setAgentId] = useState(props.agents[0]?.id ?? '');
  const [isHandsOn, setIsHandsOn] = useState(false);
  const [chosenId, setChosenId] = useState(noCredential);
  const trpc = useTRPC();
  const practice = useQuery(trpc.drills.credentials.queryOptions({ agentId })).data ?? [];
  // Another agent may not hold what was chosen for the one before.
  const credentialId = practice.some(({ id }) => id === chosenId) ? chosenId : null;
  const queryClient = useQueryClient();
  const start = useMutation(
    trpc.drills.start.mutationOptions({
      onSuccess: ({ id }) => {
        props.onStarted(id);
        props.onClose();
      },
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.drills.pathKey() }),
    }),
  );
  return (
    <FormDialog
      title="Start a drill"
      description="The agent is really stopped and its leases really end. A person lifts the stop in the end."
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      deed="Start the drill"
      isBusy={start.isPending}
      error={start.error}
      onSubmit={() => start.mutate({ agentId, isHandsOn, credentialId })}
    >
      <Field label="Agent" hint="Only agents that are marked for drills.">
        <Select value={agentId} options={optionsOf(props.agents)} onChange={setAgentId} />
      </Field>
      <Field
        label="Credential to revoke at its provider"
        hint={
          practice.length === 0
            ? 'There is none that only agents for drills hold, with a provider and nothing made from it.'
            : 'Really revoked, for good: measured until its provider is seen to refuse it.'
        }
      >
        <Select
          value={credentialId ?? noCredential}
          options={[
            { value: noCredential, label: 'None' },
            ...practice.map(({ id, name, provider }) => ({
              value: id,
              label: `${name} (${provider})`,
            })),
          ]}
          onChange={setChosenId}
        />
      </Field>
      <Checkbox isChecked={isHandsOn} onChange={setIsHandsOn}>
        Leave the stop to people: it measures how fast somebody decides
      </Checkbox>
    </FormDialog>
  );
}

/** Sets how often a drill begins by itself. */
export function PlanDrillsForm(
  props: FormProps & {
    readonly plan: { readonly agent: DrillAgent; readonly intervalDays: number } | null;
    readonly intervalDaysMax: number;
  },
) {
  const { plan, agents } = props;
  const isKnown = plan !== null && agents.some(({ id }) => id === plan.agent.id);
  const [agentId, setAgentId] = useState(isKnown ? plan.agent.id : (agents[0]?.id ?? ''));
  const [days, setDays] = useState(String(plan?.intervalDays ?? 30));
  const [isWrong, setIsWrong] = useState(false);
  const trpc = useTRPC();
  const queryClient = useQueryClient();
  const toast = useToast();
  const save = useMutation(
    trpc.drills.setPlan.mutationOptions({
      onSuccess: () => {
        toast.done('Drills planned');
        props.onClose();
      },
      onSettled: () => queryClient.invalidateQueries({ queryKey: trpc.drills.pathKey() }),
    }),
  );
  const submit = () => {
    const intervalDays = Number(days);
    const isFine =
      Number.isInteger(intervalDays) && intervalDays >= 1 && intervalDays <= props.intervalDaysMax;
    setIsWrong(!isFine);
    if (isFine) save.mutate({ agentId, intervalDays });
  };
  return (
    <FormDialog
      title="Plan drills"
      description="A drill then begins by itself when it is due; one that is not brought to its end in time opens an alert."
      isOpen
      onOpenChange={(isOpen) => {
        if (!isOpen) props.onClose();
      }}
      deed="Save the plan"
      isBusy={save.isPending}
      error={save.error}
      onSubmit={submit}
    >
      <Field label="Agent" hint="Only agents that are marked for drills.">
        <Select value={agentId} options={optionsOf(agents)} onChange={setAgentId} />
      </Field>
      <Field
        label="Days between two drills"
        error={isWrong ? `A whole number from 1 to ${props.intervalDaysMax}.` : null}
      >
        <Input inputMode="numeric" value={days} onChange={(event) => setDays(event.target.value)} />
      </Field>
    </FormDialog>
  );
}
