'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { FilterBar } from '../ui/filter-bar.tsx';
import { Severity } from '../ui/severity.tsx';
import { type ApprovalUrlFilters, bands } from './approval-url.ts';

/** Filters of the queue and of the history; each choice goes to the URL by `onChange`. */
export function ApprovalFilterBar(props: {
  readonly url: ApprovalUrlFilters;
  /** Tools of the rows that are loaded; there is no use in choosing another. */
  readonly tools: readonly string[];
  readonly onChange: (change: Partial<ApprovalUrlFilters>) => void;
}) {
  const { url, onChange } = props;
  const trpc = useTRPC();
  const agents = useQuery(trpc.agents.list.queryOptions({ limit: 200 }));
  const tools = [...new Set([...props.tools, ...(url.tool === null ? [] : [url.tool])])];
  return (
    <FilterBar
      filters={[
        {
          name: 'band',
          label: 'Risk',
          value: url.band,
          options: bands.map((band) => ({ value: band, label: <Severity level={band} /> })),
          onChange: (value) => onChange({ band: bands.find((band) => band === value) ?? null }),
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
        {
          name: 'tool',
          label: 'Tool',
          value: url.tool,
          options: tools.toSorted().map((tool) => ({ value: tool, label: tool })),
          onChange: (value) => onChange({ tool: value }),
        },
      ]}
    />
  );
}
