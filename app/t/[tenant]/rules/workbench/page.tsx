import type { Metadata } from 'next';
import { copyOf, filterOf, ruleTemplate } from '#components/rules/rule-template.ts';
import { WorkbenchScreen } from '#components/rules/workbench-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import { readRule } from '#server/detection/read-rules.ts';
import { readVocabulary } from '#server/detection/read-vocabulary.ts';

export const metadata: Metadata = { title: 'Rule workbench' };

/** One value of a parameter of the address. */
const only = (value: string | string[] | undefined) => (typeof value === 'string' ? value : null);

export default async function WorkbenchPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<Readonly<Record<string, string | string[] | undefined>>>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const search = await props.searchParams;
  const [rule, copy, filter] = [only(search['rule']), only(search['copy']), only(search['filter'])];
  const began = copy ?? filter;
  const from = began === null ? null : await readRule(ctx, began);
  await Promise.all([
    prefetch(pageTrpc.rules.vocabulary.queryKey(), async () => readVocabulary(ctx)),
    rule === null
      ? null
      : prefetch(pageTrpc.rules.get.queryKey({ id: rule }), () => readRule(ctx, rule)),
  ]);
  const writeRefusal = actorMay(ctx.actor, 'rules.write')
    ? null
    : 'Only analysts and administrators write rules.';
  const begin = copy === null ? filterOf : copyOf;
  const initial = from === null ? ruleTemplate : begin(from.source, from.name);
  return (
    <HydrateClient>
      <WorkbenchScreen
        tenant={tenant}
        ruleId={rule}
        initial={initial}
        writeRefusal={writeRefusal}
      />
    </HydrateClient>
  );
}
