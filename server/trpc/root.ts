import { tracked } from '@trpc/server';
import { z } from 'zod';
import { createActionsRouter } from '#server/actions/router.ts';
import { agentsRouter, keysRouter, toolsRouter } from '#server/agents/router.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { createApprovalsRouter } from '#server/approvals/router.ts';
import { auditRouter } from '#server/audit/router.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { authRouter, peopleRouter, signInsRouter } from '#server/auth/router.ts';
import type { BrokerTools } from '#server/credentials/broker-tools.ts';
import { createCredentialsRouter } from '#server/credentials/router.ts';
import { containmentsRouter } from '#server/containment/contain/router.ts';
import { responsesRouter } from '#server/containment/respond/router.ts';
import { drillsRouter } from '#server/containment/drills/router.ts';
import { stopsRouter } from '#server/containment/router.ts';
import { alertsRouter, backtestsRouter, rulesRouter } from '#server/detection/router.ts';
import { canariesRouter } from '#server/guard/router.ts';
import type { ChannelTools } from '#server/notifications/channel-tools.ts';
import { createTransmittersRouter } from '#server/notifications/receive/router.ts';
import { createChannelsRouter } from '#server/notifications/router.ts';
import { ingestProcedures } from '#server/ingest/router.ts';
import type { Ingest } from '#server/ingest/store-events.ts';
import type { LiveBatch } from '#server/live/contract.ts';
import { liveChangesInputSchema } from '#server/live/contract.ts';
import type { LiveHub } from '#server/live/hub.ts';
import { activityRouter, tracesRouter } from '#server/telemetry/router.ts';
import { router, tenantProcedure } from './init.ts';

/** What the routers need beside the request: made once per server. */
export interface RouterDependencies {
  readonly hub: LiveHub;
  readonly ingest: Ingest;
  readonly hold: HoldTools;
  readonly channels: ChannelTools;
  readonly broker: BrokerTools;
}

/**
 * A stream re-reads the sign-in and the roles this often, when a batch comes by, which is every two
 * seconds at least: one that ended is cut well within the five seconds that are promised.
 */
const standingCheckMs = 1_500;

/** The batches of a subscription are made by us; only the stream itself is checked. */
const trackedBatches = z.custom<AsyncIterable<[string, LiveBatch, symbol]>>(
  (value) => typeof value === 'object' && value !== null && Symbol.asyncIterator in value,
);

function liveRouter({ hub }: RouterDependencies) {
  return router({
    /** What changed in the tenant, as it changes; resumable by the id of the last batch. */
    changes: tenantProcedure
      .input(liveChangesInputSchema)
      .output(trackedBatches)
      .subscription(async function* ({ ctx, input, signal }) {
        requirePermission(ctx.scope, 'telemetry.read');
        const ended = signal ?? new AbortController().signal;
        let checkedAt = performance.now();
        // The hub sends a sign of life every two seconds, so the check is never further away.
        for await (const batch of hub.follow(ctx.scope, input.lastEventId ?? null, ended)) {
          if (performance.now() - checkedAt > standingCheckMs) {
            requirePermission(await ctx.openTenant(), 'telemetry.read');
            checkedAt = performance.now();
          }
          yield tracked(batch.id, batch);
        }
      }),
  });
}

/** Every tRPC procedure there is. */
export function createAppRouter(dependencies: RouterDependencies) {
  return router({
    auth: authRouter,
    signIns: signInsRouter,
    people: peopleRouter,
    keys: keysRouter,
    agents: agentsRouter,
    tools: toolsRouter,
    audit: auditRouter,
    actions: createActionsRouter(dependencies.hold),
    approvals: createApprovalsRouter(dependencies.hold),
    alerts: alertsRouter,
    rules: rulesRouter,
    backtests: backtestsRouter,
    canaries: canariesRouter,
    channels: createChannelsRouter(dependencies.channels),
    transmitters: createTransmittersRouter({
      url: dependencies.channels.url,
      innerHosts: dependencies.broker.innerHosts,
    }),
    credentials: createCredentialsRouter(dependencies.broker),
    stops: stopsRouter,
    containments: containmentsRouter,
    responses: responsesRouter,
    drills: drillsRouter,
    traces: tracesRouter,
    activity: activityRouter,
    telemetry: router(ingestProcedures(dependencies.ingest)),
    live: liveRouter(dependencies),
  });
}
export type AppRouter = ReturnType<typeof createAppRouter>;
