'use client';

import { actorTypes, auditActions } from '#server/audit/states/contract.ts';
import { FilterBar } from '../ui/filter-bar.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { TimeRangeFilter } from '../ui/time-range-filter.tsx';
import { actionWords, actorWords } from './action-words.ts';
import type { AuditUrlFilters } from './prepare-audit-filter.ts';

/** Filters of the explorer; each choice goes to the URL by `onChange`. */
export function AuditFilterBar(props: {
  readonly url: AuditUrlFilters;
  readonly onChange: (change: Partial<AuditUrlFilters>) => void;
}) {
  const { url, onChange } = props;
  return (
    <FilterBar
      leading={
        <SearchBox
          label="Actor: a name, an e-mail or an id"
          value={url.actor ?? ''}
          charsMax={256}
          onSearch={(text) => onChange({ actor: text === '' ? null : text })}
          className="w-72 max-sm:w-full"
        />
      }
      filters={[
        {
          name: 'type',
          label: 'By',
          value: url.type,
          options: actorTypes.map((type) => ({ value: type, label: actorWords[type].word })),
          onChange: (value) => onChange({ type: actorTypes.find((one) => one === value) ?? null }),
        },
        {
          name: 'action',
          label: 'Action',
          value: url.action,
          options: auditActions.map((action) => ({ value: action, label: actionWords[action] })),
          onChange: (value) =>
            onChange({ action: auditActions.find((one) => one === value) ?? null }),
        },
        ...(url.subject === null
          ? []
          : [
              {
                name: 'subject',
                label: 'About',
                value: url.subject,
                options: [{ value: url.subject, label: url.subject }],
                onChange: (value: string | null) => onChange({ subject: value }),
              },
            ]),
      ]}
      trailing={<TimeRangeFilter value={url.range} onChange={(range) => onChange({ range })} />}
    />
  );
}
