import type { Metadata } from 'next';
import { AccountScreen } from '#components/account/account-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { listOwnSignIns } from '#server/auth/queries.ts';

export const metadata: Metadata = { title: 'Your account' };

export default async function AccountPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx, person } = await requirePageSession(tenant);
  await prefetch(pageTrpc.signIns.list.queryKey(), async () => ({
    items: await listOwnSignIns(ctx.db, person),
  }));
  return (
    <HydrateClient>
      <AccountScreen email={person.email} />
    </HydrateClient>
  );
}
