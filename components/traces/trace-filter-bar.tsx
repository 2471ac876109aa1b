'use client';

import { useQuery } from '@tanstack/react-query';
import { useTRPC } from '../trpc/client.ts';
import { type Filter, FilterBar } from '../ui/filter-bar.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { TimeRangeFilter } from '../ui/time-range-filter.tsx';
import { type TraceMark, traceMarks, type TraceUrlFilters } from './prepare-trace-filters.ts';

const markWords: Readonly<Record<TraceMark, string>> = {
  alerts: 'Alerts',
  errors: 'Errors',
  untrusted: 'Untrusted content',
};

/** A filter that only a link sets (a session, a user): shown so that it can be taken away. */
function linkedFilter(
  name: 'session' | 'user',
  label: string,
  value: string | null,
  onChange: (change: Partial<TraceUrlFilters>) => void,
): Filter[] {
  if (value === null) return [];
  return [
    {
      name,
      label,
      value,
      options: [{ value, label: value }],
      onChange: (next) => onChange({ [name]: next }),
    },
  ];
}

/** Search and filters of the trace list; each choice goes to the URL by `onChange`. */
export function TraceFilterBar(props: {
  readonly url: TraceUrlFilters;
  readonly onChange: (change: Partial<TraceUrlFilters>) => void;
  readonly queryCharsMax: number;
}) {
  const { url, onChange } = props;
  const trpc = useTRPC();
  const agents = useQuery(trpc.agents.list.queryOptions({ limit: 200 }));
  const tools = useQuery(trpc.tools.list.queryOptions({ limit: 200 }));
  return (
    <FilterBar
      leading={
        <SearchBox
          label="Search the events of all traces"
          placeholder="Search names, inputs, outputs…"
          value={url.q ?? ''}
          charsMax={props.queryCharsMax}
          onSearch={(q) => onChange({ q: q === '' ? null : q })}
          className="w-80 max-sm:w-full"
        />
      }
      filters={[
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
          options: (tools.data?.items ?? []).map((tool) => ({
            value: tool.name,
            label: tool.name,
          })),
          onChange: (value) => onChange({ tool: value }),
        },
        {
          name: 'has',
          label: 'Has',
          value: url.has,
          options: traceMarks.map((mark) => ({ value: mark, label: markWords[mark] })),
          onChange: (value) => onChange({ has: traceMarks.find((mark) => mark === value) ?? null }),
        },
        ...linkedFilter('session', 'Session', url.session, onChange),
        ...linkedFilter('user', 'User', url.user, onChange),
      ]}
      trailing={<TimeRangeFilter value={url.range} onChange={(range) => onChange({ range })} />}
    />
  );
}
