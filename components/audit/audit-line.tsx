import type { AuditRow } from '#server/audit/contract.ts';
import { Instant } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { actionWords, actorWords } from './action-words.ts';

/** Height of a row in pixels before it is measured. */
export const auditLineHeightPx = 34;

const nameCharsMax = 60;

/** What the row is about, in a word: a readable name or number from its detail, else nothing. */
function subjectName(row: AuditRow): string | null {
  if (typeof row.detail['count'] === 'number') return `${row.detail['count']} in all`;
  for (const field of ['email', 'name', 'slug', 'title', 'agent']) {
    const value = row.detail[field];
    if (typeof value === 'string' && value !== '') return value;
  }
  return null;
}

/** One row of the log in one line: when, who, what, about whom or what. */
export function AuditLine({ row }: { readonly row: AuditRow }) {
  const name = subjectName(row);
  return (
    <span className="flex min-h-(--row) flex-wrap items-center gap-x-3 gap-y-0.5 px-4 py-1">
      <Instant
        at={row.at}
        className="w-44 shrink-0 text-xs whitespace-nowrap text-ink-faint tabular-nums"
      />
      <span className="min-w-0 flex-1 basis-60 truncate text-sm">
        <span className="font-medium" title={actorWords[row.actorType].word}>
          {row.actorLabel}
        </span>{' '}
        <span className="text-ink-muted">{actionWords[row.action]}</span>
        {name === null || name === row.actorLabel ? null : (
          <>
            {' '}
            <UntrustedInline text={name} charsMax={nameCharsMax} />
          </>
        )}
      </span>
    </span>
  );
}
