'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { useState } from 'react';
import type { CreatedKey, KeyRow } from '#server/auth/contract.ts';
import { ListState } from '../settings/list-state.tsx';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Badge } from '../ui/badge.tsx';
import { Button } from '../ui/button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { IssuedKeyDialog } from './issued-key-dialog.tsx';
import { IssueKeyForm } from './issue-key-form.tsx';
import { keyStateWords } from './key-words.ts';
import { RevokeKeyForm } from './revoke-key-form.tsx';

/** The machine keys of the tenant. `refusal`: why this person may not create or revoke them. */
export function KeysScreen({ refusal }: { readonly refusal: string | null }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.keys.list.infiniteQueryOptions({}, { getNextPageParam: (page) => page.next }),
  );
  const keys = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [isCreating, setIsCreating] = useState(false);
  const [issued, setIssued] = useState<CreatedKey | null>(null);
  const [revoking, setRevoking] = useState<KeyRow | null>(null);
  const create = (
    <Button look="primary" disabledReason={refusal} onClick={() => setIsCreating(true)}>
      <KeyRound aria-hidden />
      Create a key
    </Button>
  );
  return (
    <section aria-label="Keys" className="flex flex-col">
      <SectionHead title="Keys" actions={create}>
        With these, agents and other systems reach Signalbox. A key is shown once, when it is
        created; a revoked one is refused within a second.
      </SectionHead>
      <ListState
        query={query}
        noun="keys"
        count={keys.length}
        empty={
          <EmptyState icon={<KeyRound />} title="No key yet" action={create}>
            Create one for your first agent, or let the Connect page do it for you.
          </EmptyState>
        }
      >
        <Table label="Keys, newest first">
          <thead>
            <HeadRow>
              <Head>Key</Head>
              <Head className="max-sm:hidden">Kind</Head>
              <Head className="max-md:hidden">For</Head>
              <Head>State</Head>
              <Head className="max-lg:hidden">Created</Head>
              <Head className="max-md:hidden">Last used</Head>
              <Head align="end">
                <span className="sr-only">Actions</span>
              </Head>
            </HeadRow>
          </thead>
          <tbody>
            {keys.map((key) => (
              <KeyLine key={key.id} row={key} refusal={refusal} onRevoke={() => setRevoking(key)} />
            ))}
          </tbody>
        </Table>
      </ListState>
      <IssueKeyForm isOpen={isCreating} onOpenChange={setIsCreating} onIssued={setIssued} />
      {issued === null ? null : <IssuedKeyDialog issued={issued} onClose={() => setIssued(null)} />}
      {revoking === null ? null : (
        <RevokeKeyForm row={revoking} onClose={() => setRevoking(null)} />
      )}
    </section>
  );
}

function KeyLine(props: {
  readonly row: KeyRow;
  readonly refusal: string | null;
  readonly onRevoke: () => void;
}) {
  const { row } = props;
  const state = keyStateWords[row.state];
  return (
    <Row>
      <Cell>
        <span className="block font-medium break-words">{row.name}</span>
        <code className="text-2xs whitespace-nowrap text-ink-faint" title={row.prefix}>
          …{row.prefix.slice(-10)}
        </code>
      </Cell>
      <Cell className="max-sm:hidden">{row.kind}</Cell>
      <Cell className="max-w-60 text-xs break-words text-ink-muted max-md:hidden">
        {row.agent === null ? row.tools.join(', ') || 'the tenant' : <code>{row.agent.slug}</code>}
      </Cell>
      <Cell>
        <Badge tone={state.tone}>{state.word}</Badge>
        {row.state === 'live' && row.expiresAt !== null ? (
          <span className="ml-1.5 text-xs whitespace-nowrap text-ink-muted">
            ends <RelativeTime at={row.expiresAt} />
          </span>
        ) : null}
      </Cell>
      <Cell className="text-xs whitespace-nowrap text-ink-muted max-lg:hidden">
        <RelativeTime at={row.createdAt} /> by {row.createdBy}
      </Cell>
      <Cell className="text-xs whitespace-nowrap text-ink-muted max-md:hidden">
        {row.lastUsedAt === null ? 'never' : <RelativeTime at={row.lastUsedAt} />}
      </Cell>
      <Cell align="end">
        {row.state === 'live' ? (
          <Button
            size="sm"
            disabledReason={props.refusal}
            aria-label={`Revoke ${row.name}`}
            onClick={props.onRevoke}
          >
            Revoke
          </Button>
        ) : null}
      </Cell>
    </Row>
  );
}
