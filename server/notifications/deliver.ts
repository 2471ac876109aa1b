import { sql } from 'drizzle-orm';
import type { Db } from '#db/client.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { idOf, mintTenantId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import { openTarget, webhookSecret } from './channel-secrets.ts';
import type { ChannelTools } from './channel-tools.ts';
import { composeEvent } from './compose-event.ts';
import { composeMail, composeWebhook } from './compose-message.ts';
import { type Attempt, judgeAttempt } from './delivery-state.ts';
import { type Claimed, claimDelivery } from './internal/claim-delivery.ts';
import { recordAttempt } from './internal/record-attempt.ts';
import { postEvent } from './post-event.ts';
import { postWebhook } from './post-webhook.ts';
import { routeAlerts } from './route-alerts.ts';
import { routeEvents } from './route-events.ts';
import { sendMail } from './send-mail.ts';

/** Sends alerts and security events to channels, over all tenants. */
export interface Deliverer {
  /** Looks for what is to be sent and begins to; answers without waiting for any receiver. */
  readonly pass: () => Promise<void>;
  /** Waits for what is in hand. */
  readonly idle: () => Promise<void>;
  /** Begins nothing further, and waits for what is in hand. */
  readonly close: () => Promise<void>;
}

/**
 * Makes the sender of one worker. Each channel is served by itself, one delivery at a time, so a slow
 * receiver holds up nobody but itself. A delivery is claimed before it is sent and judged after; a
 * worker that dies in between leaves a claim that runs out, and the delivery is sent again under the
 * same id: at least once, never silently not at all.
 */
export function createDeliverer(options: {
  readonly db: Db;
  readonly log: Log;
  readonly tools: ChannelTools;
}): Deliverer {
  const { db, log, tools } = options;
  const inHand = new Map<string, Promise<void>>();
  let isClosed = false;
  const serve = async (ctx: Ctx, channelId: string): Promise<void> => {
    try {
      while (!isClosed) {
        const claimed = await claimDelivery(ctx, channelId);
        if (claimed === null) return;
        const attempt = await send(ctx, tools, claimed, log);
        await recordAttempt(ctx, claimed, judgeAttempt(attempt, claimed.attempts));
      }
    } catch (error) {
      log.error({ channel: channelId, err: error }, 'a channel could not be served; tried again');
    }
  };
  const idle = async (): Promise<void> => {
    while (inHand.size > 0) await Promise.all(inHand.values());
  };
  return {
    pass: async () => {
      for (const ctx of await findTenants(db)) {
        for (const route of [routeAlerts, routeEvents]) {
          try {
            await route(ctx);
          } catch (error) {
            log.error({ tenantId: ctx.tenantId, err: error }, `${route.name} failed for a tenant`);
          }
        }
      }
      for (const { ctx, channelId } of await findDue(db)) {
        if (isClosed || inHand.has(channelId) || inHand.size >= limits.channelsAtOnceMax) continue;
        const served = serve(ctx, channelId).finally(() => inHand.delete(channelId));
        inHand.set(channelId, served);
      }
    },
    idle,
    close: async () => {
      isClosed = true;
      await idle();
    },
  };
}

function contextOf(db: Db, tenant: string): Ctx {
  const actor = { type: 'system', name: 'system:deliverer' } as const;
  const tenantId = mintTenantId(idOf('tenant', tenant));
  const ctx: Ctx = { db, tenantId, actor, requestId: newRequestId() };
  requirePermission(ctx, 'deliveries.send');
  return ctx;
}

/** Tenants that have somewhere to send to. */
async function findTenants(db: Db): Promise<Ctx[]> {
  const rows = await db.execute<{ tenant_id: string }>(sql`
    select distinct tenant_id from channels where removed_at is null and state = 'active'`);
  return rows.map((row) => contextOf(db, row.tenant_id));
}

/** Channels with something to send, the longest overdue first. */
async function findDue(db: Db): Promise<{ ctx: Ctx; channelId: string }[]> {
  const rows = await db.execute<{ tenant_id: string; channel_id: string }>(sql`
    select tenant_id, channel_id from deliveries
    where state = 'unconfirmed' and next_at <= now()
    group by tenant_id, channel_id order by min(next_at) limit ${limits.channelsAtOnceMax * 2}`);
  return rows.map((row) => ({
    ctx: contextOf(db, row.tenant_id),
    channelId: idOf('channel', row.channel_id),
  }));
}

async function send(ctx: Ctx, tools: ChannelTools, claimed: Claimed, log: Log): Promise<Attempt> {
  const { channel } = claimed;
  const told = {
    deliveryId: claimed.id,
    tenant: claimed.tenant,
    url: tools.url,
    alert: claimed.alert,
  };
  try {
    const of = { tenantId: ctx.tenantId, channelId: channel.id };
    const target = openTarget(channel.sealedTarget, tools.derivationKey, of);
    if (channel.kind === 'email') {
      if (tools.mailServer === null) return noMailServer;
      return await sendMail(composeMail(told), target, tools.mailServer);
    }
    if (channel.kind === 'caep') {
      const key = await tools.eventKey();
      return await postEvent(await composeEvent(eventOf(ctx, tools, claimed), target, key), tools);
    }
    const to = { url: target, secret: webhookSecret(tools.derivationKey, of) };
    return await postWebhook(composeWebhook(told, to, Date.now()), tools);
  } catch (error) {
    log.error({ delivery: claimed.id, err: error }, 'a delivery could not be made ready');
    const answer = 'it could not be made ready; the worker’s log says why';
    return { outcome: 'failed', answer, retryAfterMs: null };
  }
}

const eventOf = (ctx: Ctx, tools: ChannelTools, claimed: Claimed) => ({
  deliveryId: claimed.id,
  channelId: claimed.channel.id,
  tenantId: ctx.tenantId,
  issuer: tools.url,
  createdAt: claimed.createdAt,
  event: claimed.event,
});

const noMailServer: Attempt = {
  outcome: 'failed',
  answer: 'this Signalbox has no mail server',
  retryAfterMs: null,
};
