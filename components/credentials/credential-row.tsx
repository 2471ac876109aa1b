import type { Credential } from '#server/credentials/inventory/contract.ts';
import { formatCounted } from '../ui/format-quantity.ts';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { CredentialStateBadge, FlagBadges } from './credential-badges.tsx';
import { kindWords } from './credential-words.ts';

/** Height of a row in pixels before it is measured. */
export const credentialRowHeightPx = 74;

/** One credential: what it opens, how it stands, who may use it, what is wrong with it. */
export function CredentialRow({ credential }: { readonly credential: Credential }) {
  const { name, tool, kind, lastUsedAt, holders, openLeases, offlineUntil, flags } = credential;
  return (
    <span className="flex flex-col gap-1 px-3 py-2">
      <span className="flex items-center gap-2.5">
        <span className="min-w-0 flex-1 truncate text-sm font-medium">{name}</span>
        <span className="shrink-0">
          <CredentialStateBadge state={credential.state} />
        </span>
      </span>
      <span className="truncate text-xs text-ink-muted">
        {kindWords[kind]} of <UntrustedInline text={tool} charsMax={40} /> ·{' '}
        {formatCounted(holders, 'holder')} · {formatCounted(openLeases, 'open lease')} ·{' '}
        {lastUsedAt === null ? (
          'never used'
        ) : (
          <>
            used <RelativeTime at={lastUsedAt} />
          </>
        )}
      </span>
      {offlineUntil === null ? null : (
        <span className="text-xs text-ink-muted">
          A JWT is taken elsewhere until <Instant at={offlineUntil} part="second" />
        </span>
      )}
      {flags.length === 0 ? null : (
        <span className="flex flex-wrap gap-1">
          <FlagBadges flags={flags} outside={credential.outside} />
        </span>
      )}
    </span>
  );
}
