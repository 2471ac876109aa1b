'use client';

import dynamic from 'next/dynamic';
import { useQuery } from '@tanstack/react-query';
import { X } from 'lucide-react';
import { useState } from 'react';
import type { CredentialDetail } from '#server/credentials/inventory/contract.ts';
import { links } from '#server/kernel/links.ts';
import { useTRPC } from '../trpc/client.ts';
import { LoadFailure } from '../trpc/load-failure.tsx';
import { StopThisButton } from '../stops/stop-button.tsx';
import { Fact, Section } from '../ui/detail-parts.tsx';
import { Button } from '../ui/button.tsx';
import { CopyableId } from '../ui/copy-button.tsx';
import { formatCount } from '../ui/format-quantity.ts';
import { IconButton } from '../ui/icon-button.tsx';
import { Link } from '../ui/link.tsx';
import { Instant, RelativeTime } from '../ui/relative-time.tsx';
import { SkeletonRows } from '../ui/skeleton.tsx';
import { UntrustedInline } from '../ui/untrusted-text.tsx';
import { useShortcuts } from '../ui/use-shortcuts.ts';
import { CredentialStateBadge, FlagBadges } from './credential-badges.tsx';
import { revocationRefetchMs } from './credential-url.ts';
import { adapterWords, flagReason, kindWords, watchWords } from './credential-words.ts';
import type { CredentialRules } from './credentials-screen.tsx';
import { RevocationLadder } from './revocation-ladder.tsx';
import { SightingList } from './sighting-list.tsx';

const RevokeForm = dynamic(() => import('./revoke-form.tsx').then((parts) => parts.RevokeForm), {
  loading: () => null,
});

/** It is proven by time: once the last second of its JWTs is over. */
const mayEndOffline = (credential: CredentialDetail | undefined): boolean =>
  credential?.state === 'unproven' && credential.offlineUntil !== null;

interface PaneProps {
  readonly tenant: string;
  readonly credentialId: string;
  readonly rules: CredentialRules;
  readonly onClose: () => void;
}

/** One credential in full: what it opens, who may use it, and how far its revocation is proven. */
export function CredentialPane(props: PaneProps) {
  const trpc = useTRPC();
  const query = useQuery(
    trpc.credentials.get.queryOptions(
      { id: props.credentialId },
      {
        refetchInterval: ({ state }) =>
          state.data?.state === 'revoking' || mayEndOffline(state.data)
            ? revocationRefetchMs
            : false,
      },
    ),
  );
  const [isRevoking, setIsRevoking] = useState(false);
  useShortcuts({ Escape: props.onClose });
  const credential = query.data;
  if (credential === undefined) {
    if (query.isPending) return <SkeletonRows count={8} label="Loading the credential" />;
    return <LoadFailure noun="credential" query={query} onClose={props.onClose} />;
  }
  const isUntouched = credential.revocations.length === 0;
  return (
    <article aria-label="Credential" className="min-h-0 flex-1 overflow-y-auto">
      <header className="sticky top-0 z-10 flex items-start gap-3 border-b border-line bg-canvas px-4 py-3 sm:px-5">
        <div className="min-w-0 flex-1">
          <div className="mb-1.5">
            <CredentialStateBadge state={credential.state} />
          </div>
          <h2 className="text-lg leading-snug font-semibold tracking-tight break-words">
            {credential.name}
          </h2>
        </div>
        {isUntouched ? (
          <StopThisButton
            isIcon
            what={`credential ${credential.name}`}
            wish={{ scope: { kind: 'credential', id: credential.name } }}
          />
        ) : null}
        {isUntouched ? (
          <Button
            look="danger"
            disabledReason={props.rules.revokeRefusal}
            onClick={() => setIsRevoking(true)}
          >
            Revoke
          </Button>
        ) : null}
        <IconButton label="Close" size="sm" onClick={props.onClose}>
          <X />
        </IconButton>
      </header>
      <CredentialFacts tenant={props.tenant} credential={credential} />
      {credential.flags.length === 0 ? null : (
        <Section title="What is wrong with it">
          <ul className="flex flex-col gap-1.5">
            {credential.flags.map((flag) => (
              <li key={flag} className="flex flex-wrap items-baseline gap-2 text-sm">
                <FlagBadges flags={[flag]} outside={credential.outside} />
                <span className="text-ink-muted">{flagReason(flag, credential.outside)}</span>
              </li>
            ))}
          </ul>
        </Section>
      )}
      {credential.sightings.length === 0 ? null : (
        <Section title="Seen outside the broker">
          <SightingList tenant={props.tenant} sightings={credential.sightings} />
        </Section>
      )}
      {isUntouched ? null : (
        <Section title="Revocation, and what is proven of it">
          <RevocationLadder credential={credential} refusal={props.rules.revokeRefusal} />
        </Section>
      )}
      {isRevoking ? (
        <RevokeForm
          credential={credential}
          reasonCharsMax={props.rules.reasonCharsMax}
          onClose={() => setIsRevoking(false)}
        />
      ) : null}
    </article>
  );
}

function CredentialFacts(props: {
  readonly tenant: string;
  readonly credential: CredentialDetail;
}) {
  const { tenant, credential } = props;
  const { parent, children, provider } = credential;
  const link = ({ id, name }: { readonly id: string; readonly name: string }) => (
    <Link key={id} href={links.credential(tenant, id)} className="mr-2 hover:underline">
      {name}
    </Link>
  );
  return (
    <section className="px-4 py-4 sm:px-5">
      <dl className="grid grid-cols-2 gap-x-6 gap-y-3 xl:grid-cols-3">
        <Fact name="Kind">{kindWords[credential.kind]}</Fact>
        <Fact name="Tool">
          <UntrustedInline text={credential.tool} charsMax={80} />
        </Fact>
        <Fact name="Scopes">
          <span className="font-mono text-xs">{credential.scopes.join(' ')}</span>
        </Fact>
        <Fact name="Provider">
          {provider === null ? 'not known' : `${provider.name}, ${adapterWords[provider.adapter]}`}
        </Fact>
        <Fact name="Owner">{credential.owner ?? 'nobody'}</Fact>
        <Fact name="Environment">{credential.environment ?? 'any'}</Fact>
        <Fact name="Held by">
          {credential.heldBy.length === 0 ? 'nobody' : credential.heldBy.join(', ')}
        </Fact>
        <Fact name="Open leases">
          {formatCount(credential.openLeases)}
          {credential.offlineUntil === null ? null : (
            <span className="block text-xs text-pretty text-ink-muted">
              Unverifiable until <Instant at={credential.offlineUntil} part="second" />: whoever
              checks a JWT without asking here takes one until then, ended or not
            </span>
          )}
        </Fact>
        <Fact name="A lease lives">
          {credential.leaseSecondsMax} s at most
          {credential.isActionRequired ? ', and only for an action with a permit' : ''}
        </Fact>
        <Fact name="Last used">
          {credential.lastUsedAt === null ? 'never' : <RelativeTime at={credential.lastUsedAt} />}
        </Fact>
        <Fact name="Added">
          <Instant at={credential.createdAt} part="second" /> by {credential.createdBy}
        </Fact>
        <Fact name="Ends by itself">
          {credential.expiresAt === null ? (
            'never, or unknown'
          ) : (
            <Instant at={credential.expiresAt} part="second" />
          )}
        </Fact>
        {parent === null ? null : <Fact name="Made from">{link(parent)}</Fact>}
        {children.length === 0 ? null : <Fact name="Made from it">{children.map(link)}</Fact>}
        <Fact name="Secret">{watchWords[credential.secretWatch]}</Fact>
        <Fact name="Id">
          <CopyableId id={credential.id} shown={`…${credential.id.slice(-8)}`} />
        </Fact>
      </dl>
    </section>
  );
}
