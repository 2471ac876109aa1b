import type { Metadata } from 'next';
import { notFound } from 'next/navigation';
import { TraceScreen } from '#components/traces/trace-screen.tsx';
import { HydrateClient, pageTrpc, prefetch } from '#components/trpc/server.tsx';
import { requirePageSession } from '#server/auth/page-session.ts';
import { actorMay } from '#server/auth/require-permission.ts';
import { limits } from '#server/kernel/limits.ts';
import { traceIdSchema } from '#server/telemetry/contract.ts';
import { readTrace } from '#server/telemetry/queries.ts';
import { readTraceEvents } from '#server/telemetry/read-trace-events.ts';
import { encodeTraceEvents } from '#server/telemetry/wire/contract.ts';

export const metadata: Metadata = { title: 'Trace' };

export default async function TracePage(props: {
  readonly params: Promise<{ readonly tenant: string; readonly trace: string }>;
}) {
  const { tenant, trace } = await props.params;
  const { ctx } = await requirePageSession(tenant);
  if (!traceIdSchema.safeParse(trace).success) notFound();
  await Promise.all([
    prefetch(pageTrpc.traces.get.queryKey({ traceId: trace }), () => readTrace(ctx, trace)),
    prefetch(pageTrpc.traces.events.queryKey({ traceId: trace }), async () => {
      const { events, isCut } = await readTraceEvents(ctx, trace);
      return { rows: encodeTraceEvents(events), isCut };
    }),
  ]);
  return (
    <HydrateClient>
      <TraceScreen
        tenant={tenant}
        traceId={trace}
        mayReadBodies={actorMay(ctx.actor, 'telemetry.read_bodies')}
        eventsMax={limits.traceEventsMax}
      />
    </HydrateClient>
  );
}
