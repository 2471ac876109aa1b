import type { Metadata } from 'next';
import { PeopleScreen } from '#components/people/people-screen.tsx';
import { HydrateClient, pageTrpc, prefetchPages } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { listPeople } from '#server/auth/queries.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'People' };

export default async function PeoplePage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'people.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  await prefetchPages(pageTrpc.people.list.infiniteQueryKey({}), () =>
    listPeople(ctx, { limit: limits.pageItemsDefault, cursor: null }),
  );
  return (
    <HydrateClient>
      <PeopleScreen refusal={refusalOf(ctx.actor, 'people.write')} />
    </HydrateClient>
  );
}
