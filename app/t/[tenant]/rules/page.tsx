import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadRuleUrl } from '#components/rules/rule-url.ts';
import { RulesScreen } from '#components/rules/rules-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import { listRules, readRule } from '#server/detection/read-rules.ts';

export const metadata: Metadata = { title: 'Rules' };

export default async function RulesPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const { rule } = await loadRuleUrl(props.searchParams);
  await Promise.all([
    prefetch(pageTrpc.rules.list.queryKey(), async () => ({ items: await listRules(ctx) })),
    rule === null
      ? null
      : prefetch(pageTrpc.rules.get.queryKey({ id: rule }), () => readRule(ctx, rule)),
  ]);
  const refusal = actorMay(ctx.actor, 'rules.enable')
    ? null
    : 'Only an administrator switches rules on and off.';
  return (
    <HydrateClient>
      <RulesScreen
        tenant={tenant}
        refusal={refusal}
        mayWrite={actorMay(ctx.actor, 'rules.write')}
      />
    </HydrateClient>
  );
}
