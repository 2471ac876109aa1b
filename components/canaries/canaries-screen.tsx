'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import { Bird, Plus } from 'lucide-react';
import { useState } from 'react';
import type { Canary } from '#server/guard/contract.ts';
import { ListState } from '../settings/list-state.tsx';
import { SectionHead } from '../settings/section-head.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { Cell, Head, HeadRow, Row, Table } from '../ui/table.tsx';
import { MintCanariesForm } from './mint-canaries-form.tsx';
import { RegisterCanaryForm, RemoveCanaryForm } from './canary-forms.tsx';

/** Planted texts of the tenant. `refusal`: why this person may not register or remove them. */
export function CanariesScreen({ refusal }: { readonly refusal: string | null }) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.canaries.list.infiniteQueryOptions({}, { getNextPageParam: (page) => page.next }),
  );
  const canaries = query.data?.pages.flatMap((page) => page.items) ?? [];
  const [isRegistering, setIsRegistering] = useState(false);
  const [isMinting, setIsMinting] = useState(false);
  const [removing, setRemoving] = useState<Canary | null>(null);
  const register = (
    <>
      <Button disabledReason={refusal} onClick={() => setIsMinting(true)}>
        Mint for a document
      </Button>
      <Button look="primary" disabledReason={refusal} onClick={() => setIsRegistering(true)}>
        <Plus aria-hidden />
        Register a canary
      </Button>
    </>
  );
  return (
    <section aria-label="Canaries" className="flex flex-col">
      <SectionHead title="Canaries" actions={register}>
        Planted texts that are looked for in every event, also in disguise. One that turns up
        outside its home proves a leak and raises an alert.
      </SectionHead>
      <ListState
        query={query}
        noun="canaries"
        count={canaries.length}
        empty={
          <EmptyState icon={<Bird />} title="No canary is planted" action={register}>
            Put a made-up account, key or customer where only the right tool should read it, and
            register its text here.
          </EmptyState>
        }
      >
        <Table label="Canaries">
          <thead>
            <HeadRow>
              <Head>Name</Head>
              <Head>Marker</Head>
              <Head className="max-md:hidden">Homes</Head>
              <Head className="max-md:hidden">Registered</Head>
              <Head align="end">
                <span className="sr-only">Actions</span>
              </Head>
            </HeadRow>
          </thead>
          <tbody>
            {canaries.map((canary) => (
              <Row key={canary.id}>
                <Cell className="font-medium break-words">{canary.name}</Cell>
                <Cell className="max-w-72">
                  <CopyableId id={canary.marker} label="Copy the marker" />
                </Cell>
                <Cell className="max-w-60 text-xs break-words text-ink-muted max-md:hidden">
                  {canary.homes.length === 0 ? 'nowhere' : canary.homes.join(', ')}
                </Cell>
                <Cell className="text-xs whitespace-nowrap text-ink-muted max-md:hidden">
                  <RelativeTime at={canary.createdAt} /> by {canary.createdBy}
                </Cell>
                <Cell align="end">
                  <Button
                    size="sm"
                    disabledReason={refusal}
                    aria-label={`Remove ${canary.name}`}
                    onClick={() => setRemoving(canary)}
                  >
                    Remove
                  </Button>
                </Cell>
              </Row>
            ))}
          </tbody>
        </Table>
      </ListState>
      {isRegistering ? <RegisterCanaryForm onClose={() => setIsRegistering(false)} /> : null}
      {isMinting ? <MintCanariesForm onClose={() => setIsMinting(false)} /> : null}
      {removing === null ? null : (
        <RemoveCanaryForm canary={removing} onClose={() => setRemoving(null)} />
      )}
    </section>
  );
}
