import type { Metadata } from 'next';
import { ConnectScreen } from '#components/connect/connect-screen.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import { services } from '#server/kernel/services.ts';

export const metadata: Metadata = { title: 'Connect an agent' };

export default async function ConnectPage(props: {
  readonly params: Promise<{ readonly tenant: string }>;
}) {
  const { tenant } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  const refusal = actorMay(ctx.actor, 'keys.write')
    ? null
    : 'Only an administrator of this tenant can make keys.';
  return (
    <ConnectScreen tenant={tenant} url={services().url.replace(/\/$/, '')} refusal={refusal} />
  );
}
