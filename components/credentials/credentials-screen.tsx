'use client';

import { useInfiniteQuery } from '@tanstack/react-query';
import dynamic from 'next/dynamic';
import { KeyRound } from 'lucide-react';
import { useQueryStates } from 'nuqs';
import { useState } from 'react';
import { links } from '#server/kernel/links.ts';
import { ListState } from '../settings/list-state.tsx';
import { PageFrame } from '../shell/page-frame.tsx';
import { useTRPC } from '../trpc/client.ts';
import { Button } from '../ui/button.tsx';
import { DataList } from '../ui/data-list.tsx';
import { NothingChosen } from '../ui/nothing-chosen.tsx';
import { SplitPane } from '../ui/split-pane.tsx';
import { EmptyState } from '../ui/state-panel.tsx';
import { CredentialPane } from './credential-pane.tsx';
import { CredentialRow, credentialRowHeightPx } from './credential-row.tsx';
import { credentialPageItems, credentialParsers, revocationRefetchMs } from './credential-url.ts';

const AddCredentialForm = dynamic(
  () => import('./add-credential-form.tsx').then((parts) => parts.AddCredentialForm),
  { loading: () => null },
);
const AddProviderForm = dynamic(
  () => import('./add-provider-form.tsx').then((parts) => parts.AddProviderForm),
  { loading: () => null },
);

/** What a person may do here; a refusal is the reason why not. */
export interface CredentialRules {
  readonly writeRefusal: string | null;
  readonly revokeRefusal: string | null;
  readonly reasonCharsMax: number;
}

interface ScreenProps {
  readonly tenant: string;
  readonly rules: CredentialRules;
}

function CredentialList(
  props: ScreenProps & {
    readonly openId: string | null;
    readonly onOpen: (id: string) => void;
    readonly addButton: React.ReactNode;
  },
) {
  const trpc = useTRPC();
  const query = useInfiniteQuery(
    trpc.credentials.list.infiniteQueryOptions(
      { limit: credentialPageItems },
      {
        getNextPageParam: (page) => page.next,
        // What is being revoked goes on without a word from here.
        refetchInterval: ({ state }) =>
          state.data?.pages.some((page) => page.items.some((one) => one.state === 'revoking'))
            ? revocationRefetchMs
            : false,
      },
    ),
  );
  const items = query.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <ListState
      query={query}
      noun="credentials"
      count={items.length}
      empty={
        <EmptyState icon={<KeyRound />} title="No credential yet" action={props.addButton}>
          What a tool is entered with is kept here, sealed; agents get leases of it, minutes long,
          that die with a stop.
        </EmptyState>
      }
    >
      {(footer) => (
        <DataList
          label="Credentials, by name"
          items={items}
          keyOf={(one) => one.id}
          hrefOf={(one) => links.credential(props.tenant, one.id)}
          onOpen={(one) => props.onOpen(one.id)}
          openKey={props.openId}
          rowHeightPx={credentialRowHeightPx}
          renderRow={(one) => <CredentialRow credential={one} />}
          footer={footer}
        />
      )}
    </ListState>
  );
}

/** The inventory of credentials, and beside it the open one with its revocation. */
export function CredentialsScreen(props: ScreenProps) {
  const [url, setUrl] = useQueryStates(credentialParsers);
  const [adding, setAdding] = useState<'credential' | 'provider' | null>(null);
  const open = (id: string | null) => void setUrl({ credential: id }, { history: 'push' });
  const { writeRefusal } = props.rules;
  const addButton = (
    <Button look="primary" disabledReason={writeRefusal} onClick={() => setAdding('credential')}>
      Add a credential
    </Button>
  );
  return (
    <PageFrame
      title="Credentials"
      isFlush
      actions={
        <>
          <Button disabledReason={writeRefusal} onClick={() => setAdding('provider')}>
            Add a provider
          </Button>
          {addButton}
        </>
      }
    >
      <SplitPane
        id="credentials"
        isDetailOpen={url.credential !== null}
        listPercent={40}
        list={
          <section aria-label="Credentials" className="flex min-h-0 flex-1 flex-col">
            <CredentialList
              {...props}
              openId={url.credential}
              onOpen={open}
              addButton={addButton}
            />
          </section>
        }
        detail={
          url.credential === null ? (
            <NothingChosen noun="credential" />
          ) : (
            <CredentialPane
              {...props}
              credentialId={url.credential}
              onClose={() => open(null)}
              key={url.credential}
            />
          )
        }
      />
      {adding === 'credential' ? <AddCredentialForm onClose={() => setAdding(null)} /> : null}
      {adding === 'provider' ? <AddProviderForm onClose={() => setAdding(null)} /> : null}
    </PageFrame>
  );
}
