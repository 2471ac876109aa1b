import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { credentialPageItems, loadCredentialUrl } from '#components/credentials/credential-url.ts';
import { CredentialsScreen } from '#components/credentials/credentials-screen.tsx';
import { HydrateClient, pageTrpc, prefetch, prefetchPages } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { listCredentials, readCredential } from '#server/credentials/queries.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Credentials' };

export default async function CredentialsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const { credential } = await loadCredentialUrl(props.searchParams);
  await Promise.all([
    prefetchPages(pageTrpc.credentials.list.infiniteQueryKey({ limit: credentialPageItems }), () =>
      listCredentials(ctx, { limit: credentialPageItems, cursor: null }),
    ),
    credential === null
      ? null
      : prefetch(pageTrpc.credentials.get.queryKey({ id: credential }), () =>
          readCredential(ctx, credential),
        ),
  ]);
  return (
    <HydrateClient>
      <CredentialsScreen
        tenant={tenant}
        rules={{
          writeRefusal: refusalOf(ctx.actor, 'credentials.write'),
          revokeRefusal: refusalOf(ctx.actor, 'credentials.revoke'),
          reasonCharsMax: limits.stopReasonCharsMax,
        }}
      />
    </HydrateClient>
  );
}
