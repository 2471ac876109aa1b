import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { AuditScreen } from '#components/audit/audit-screen.tsx';
import { loadAuditUrl } from '#components/audit/audit-url.ts';
import { toAuditFilter } from '#components/audit/prepare-audit-filter.ts';
import { HydrateClient, pageTrpc, prefetch, prefetchPages } from '#components/trpc/server.tsx';
import { DeniedState } from '#components/ui/state-panel.tsx';
import { auditFilterInput } from '#server/audit/contract.ts';
import { listAudit, readAuditRow } from '#server/audit/queries.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { refusalOf } from '#server/auth/require-permission.ts';

export const metadata: Metadata = { title: 'Audit' };

export default async function AuditPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = refusalOf(ctx.actor, 'audit.read');
  if (refusal !== null) return <DeniedState title="You may not see this">{refusal}</DeniedState>;
  const { row, ...url } = await loadAuditUrl(props.searchParams);
  const filter = toAuditFilter(url, Date.now());
  await prefetchPages(pageTrpc.audit.list.infiniteQueryKey(filter), () =>
    listAudit(ctx, auditFilterInput.parse(filter)),
  );
  if (row !== null) {
    await prefetch(pageTrpc.audit.get.queryKey({ id: row }), () => readAuditRow(ctx, row));
  }
  return (
    <HydrateClient>
      <AuditScreen tenant={tenant} exportRefusal={refusalOf(ctx.actor, 'audit.export')} />
    </HydrateClient>
  );
}
