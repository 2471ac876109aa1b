import type { Metadata } from 'next';
import type { SearchParams } from 'nuqs/server';
import { loadApprovalUrl } from '#components/approvals/approval-url.ts';
import { ApprovalsScreen } from '#components/approvals/approvals-screen.tsx';
import { HydrateClient, pageTrpc, prefetch, prefetchPages } from '#components/trpc/server.tsx';
import { approvalListInput } from '#server/approvals/contract.ts';
import { listApprovals } from '#server/approvals/list-approvals.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { requirePageSession } from '#server/auth/page-session.ts';
import { limits } from '#server/kernel/limits.ts';

export const metadata: Metadata = { title: 'Approvals' };

export default async function ApprovalsPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
  readonly searchParams: Promise<SearchParams>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const { approval, ...filters } = await loadApprovalUrl(props.searchParams);
  await Promise.all([
    prefetchPages(pageTrpc.approvals.list.infiniteQueryKey(filters), () =>
      listApprovals(ctx, approvalListInput.parse(filters)),
    ),
    approval === null
      ? null
      : prefetch(pageTrpc.approvals.get.queryKey({ id: approval }), () =>
          readApprovalDetail(ctx, approval),
        ),
  ]);
  return (
    <HydrateClient>
      <ApprovalsScreen
        tenant={tenant}
        reasonCharsMax={limits.voteReasonCharsMax}
        questionCharsMax={limits.questionCharsMax}
      />
    </HydrateClient>
  );
}
