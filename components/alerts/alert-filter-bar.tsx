'use client';

import { useQuery } from '@tanstack/react-query';
import { severities } from '#server/detection/states/contract.ts';
import { useTRPC } from '../trpc/client.ts';
import { FilterBar } from '../ui/filter-bar.tsx';
import { Severity } from '../ui/severity.tsx';
import { TimeRangeFilter } from '../ui/time-range-filter.tsx';
import { alertStateWord } from './alert-state.tsx';
import {
  type AlertUrlFilters,
  parseSeverity,
  type StateChoice,
  stateChoices,
} from './prepare-alert-filters.ts';

const stateWords: Readonly<Record<StateChoice, string>> = {
  active: 'Open or acknowledged',
  open: alertStateWord('open'),
  acknowledged: alertStateWord('acknowledged'),
  resolved: alertStateWord('resolved'),
  snoozed: 'Snoozed',
  archived: 'Archived',
  all: 'All',
};

/** Filters of the inbox; each choice goes to the URL by `onChange`. */
export function AlertFilterBar(props: {
  readonly url: AlertUrlFilters;
  readonly onChange: (change: Partial<AlertUrlFilters>) => void;
  /** Who may learn the names of those whom alerts are given to. */
  readonly mayTriage: boolean;
}) {
  const { url, onChange } = props;
  const trpc = useTRPC();
  const rules = useQuery(trpc.rules.list.queryOptions());
  const agents = useQuery(trpc.agents.list.queryOptions({ limit: 200 }));
  const people = useQuery({ ...trpc.alerts.assignees.queryOptions(), enabled: props.mayTriage });
  const state = stateChoices.find((choice) => choice === url.state) ?? 'active';
  return (
    <FilterBar
      filters={[
        {
          name: 'state',
          label: 'State',
          value: state === 'active' ? null : state,
          options: stateChoices
            .filter((choice) => choice !== 'active')
            .map((choice) => ({ value: choice, label: stateWords[choice] })),
          anyLabel: stateWords.active,
          onChange: (value) =>
            onChange({ state: stateChoices.find((choice) => choice === value) ?? 'active' }),
        },
        {
          name: 'severity',
          label: 'Severity',
          value: url.severity,
          options: severities.map((level) => ({ value: level, label: <Severity level={level} /> })),
          onChange: (value) => onChange({ severity: parseSeverity(value) }),
        },
        {
          name: 'rule',
          label: 'Rule',
          value: url.rule,
          options: (rules.data?.items ?? [])
            .filter(({ kind }) => kind !== 'filter')
            .map((rule) => ({ value: rule.name, label: rule.title })),
          onChange: (value) => onChange({ rule: value }),
        },
        {
          name: 'agent',
          label: 'Agent',
          value: url.agent,
          options: (agents.data?.items ?? []).map((agent) => ({
            value: agent.slug,
            label: agent.slug,
          })),
          onChange: (value) => onChange({ agent: value }),
        },
        ...(props.mayTriage || url.assignee !== null
          ? [
              {
                name: 'assignee',
                label: 'Assigned',
                value: url.assignee,
                options: [
                  { value: 'me', label: 'to me' },
                  { value: 'nobody', label: 'to nobody' },
                  ...(people.data?.items ?? []).map((one) => ({
                    value: one.id,
                    label: `to ${one.email}`,
                  })),
                ],
                onChange: (value: string | null) => onChange({ assignee: value }),
              },
            ]
          : []),
        ...(url.label === null
          ? []
          : [
              {
                name: 'label',
                label: 'Known as',
                value: url.label,
                options: [{ value: url.label, label: url.label }],
                onChange: (value: string | null) => onChange({ label: value }),
              },
            ]),
        ...(url.trace === null
          ? []
          : [
              {
                name: 'trace',
                label: 'Trace',
                value: url.trace,
                options: [{ value: url.trace, label: `…${url.trace.slice(-8)}` }],
                onChange: (value: string | null) => onChange({ trace: value }),
              },
            ]),
      ]}
      trailing={<TimeRangeFilter value={url.range} onChange={(range) => onChange({ range })} />}
    />
  );
}
