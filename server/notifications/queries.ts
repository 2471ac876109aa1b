import { and, desc, eq, isNull, sql } from 'drizzle-orm';
import { credentials } from '#db/schema/credentials.ts';
import { alerts } from '#db/schema/detection.ts';
import { stops } from '#db/schema/gate.ts';
import { channels, deliveries } from '#db/schema/notifications.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Channel, DeliveriesInput, Delivery } from './contract.ts';

/** The channels of the tenant, by name. @throws AppError `forbidden` */
export async function listChannels(ctx: Ctx): Promise<Channel[]> {
  requirePermission(ctx, 'channels.read');
  return withRead(ctx, async (tx) => {
    const tallies = tx
      .select({
        channelId: deliveries.channelId,
        unconfirmed: sql<number>`count(*) filter (where state = 'unconfirmed')`
          .mapWith(Number)
          .as('unconfirmed'),
        dead: sql<number>`count(*) filter (where state = 'dead')`.mapWith(Number).as('dead'),
        confirmedAt: sql<string | null>`max(confirmed_at)`
          .mapWith(deliveries.confirmedAt)
          .as('latest'),
      })
      .from(deliveries)
      .where(eq(deliveries.tenantId, ctx.tenantId))
      .groupBy(deliveries.channelId)
      .as('tallies');
    const rows = await tx
      .select({
        id: channels.id,
        name: channels.name,
        kind: channels.kind,
        target: channels.targetShown,
        severityMin: channels.severityMin,
        state: channels.state,
        createdBy: channels.createdBy,
        createdAt: channels.createdAt,
        unconfirmed: tallies.unconfirmed,
        dead: tallies.dead,
        confirmedAt: tallies.confirmedAt,
      })
      .from(channels)
      .leftJoin(tallies, eq(tallies.channelId, channels.id))
      .where(and(eq(channels.tenantId, ctx.tenantId), isNull(channels.removedAt)))
      .orderBy(channels.name, channels.id)
      .limit(limits.channelsMax);
    return rows.map((row) => ({
      ...row,
      unconfirmed: row.unconfirmed ?? 0,
      dead: row.dead ?? 0,
    }));
  });
}

/**
 * Deliveries of the tenant, of one channel or of one alert, latest first, at most
 * `limits.deliveriesShown`. Ids that name nothing here give an empty list. @throws AppError `forbidden`
 */
export async function listDeliveries(ctx: Ctx, wanted: DeliveriesInput): Promise<Delivery[]> {
  requirePermission(ctx, 'channels.read');
  const { channelId = null, alertId = null, state = null } = wanted;
  if (channelId !== null && !isId('channel', channelId)) return [];
  if (alertId !== null && !isId('alert', alertId)) return [];
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        delivery: deliveries,
        channel: channels,
        alert: alerts,
        stopped: stops.scopeLabel,
        revoked: credentials.name,
      })
      .from(deliveries)
      .innerJoin(
        channels,
        and(eq(channels.tenantId, deliveries.tenantId), eq(channels.id, deliveries.channelId)),
      )
      .leftJoin(
        alerts,
        and(eq(alerts.tenantId, deliveries.tenantId), eq(alerts.id, deliveries.alertId)),
      )
      .leftJoin(
        stops,
        and(eq(stops.tenantId, deliveries.tenantId), eq(stops.id, deliveries.stopId)),
      )
      .leftJoin(
        credentials,
        and(
          eq(credentials.tenantId, deliveries.tenantId),
          eq(credentials.id, deliveries.credentialId),
        ),
      )
      .where(
        and(
          eq(deliveries.tenantId, ctx.tenantId),
          channelId === null ? undefined : eq(deliveries.channelId, channelId),
          alertId === null ? undefined : eq(deliveries.alertId, alertId),
          state === null ? undefined : eq(deliveries.state, state),
        ),
      )
      .orderBy(desc(deliveries.createdAt), desc(deliveries.id))
      .limit(limits.deliveriesShown),
  );
  return rows.map(({ delivery, channel, alert, stopped, revoked }) => ({
    id: delivery.id,
    channelId: channel.id,
    channel: channel.name,
    kind: channel.kind,
    alert: alert === null ? null : { id: alert.id, title: alert.title, severity: alert.severity },
    event: eventOf(stopped, revoked),
    state: delivery.state,
    attempts: delivery.attempts,
    nextAt: delivery.state === 'unconfirmed' ? delivery.nextAt : null,
    lastAnswer: delivery.lastAnswer,
    createdAt: delivery.createdAt,
    confirmedAt: delivery.confirmedAt,
  }));
}

function eventOf(stopped: string | null, revoked: string | null): Delivery['event'] {
  if (stopped !== null) return { type: 'session_revoked', subject: stopped };
  return revoked === null ? null : { type: 'credential_revoked', subject: revoked };
}
