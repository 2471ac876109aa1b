import { sql } from 'drizzle-orm';
import { foreignKey, index, integer, pgTable, primaryKey, text, unique } from 'drizzle-orm/pg-core';
import { bytes, createdAt, instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import { channelKinds, channelStates, deliveryStates, severities } from '../enums.ts';
import { credentials } from './credentials.ts';
import { alerts } from './detection.ts';
import { stops } from './gate.ts';

/** Where alerts are sent, or security events. */
export const channels = pgTable(
  'channels',
  {
    tenantId: tenantId(),
    id: typeId('id', 'channel').notNull(),
    name: text('name').notNull(),
    kind: oneOf('kind', channelKinds).notNull(),
    /** The address, sealed: that of many a webhook is a password. */
    sealedTarget: bytes('sealed_target').notNull(),
    /** What people see of it: the origin of a webhook, an e-mail address in full. */
    targetShown: text('target_shown').notNull(),
    /** Alerts of this severity and graver ones are sent; null: none are, but security events. */
    severityMin: oneOf('severity_min', severities),
    state: oneOf('state', channelStates).notNull().default('active'),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    /** Alerts opened before this are none of its: it was not there, or was switched off. */
    since: instant('since')
      .notNull()
      .default(sql`now()`),
    /** Alerts opened before this have their deliveries. */
    routedUntil: instant('routed_until')
      .notNull()
      .default(sql`now()`),
    removedAt: instant('removed_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), tenantPolicy()],
).enableRLS();

/** One alert or security event for one channel; sent at least once under an id that stays the same. */
export const deliveries = pgTable(
  'deliveries',
  {
    tenantId: tenantId(),
    id: typeId('id', 'delivery').notNull(),
    channelId: typeId('channel_id', 'channel').notNull(),
    /** Of the next three one at most is set; none in a test of the channel. */
    alertId: typeId('alert_id', 'alert'),
    /** The stop that revoked the sessions it covers. */
    stopId: typeId('stop_id', 'stop'),
    /** The credential that is proven dead. */
    credentialId: typeId('credential_id', 'credential'),
    state: oneOf('state', deliveryStates).notNull().default('unconfirmed'),
    attempts: integer('attempts').notNull().default(0),
    /** When it is tried next; while it is in hand, when it counts as forgotten. */
    nextAt: instant('next_at')
      .notNull()
      .default(sql`now()`),
    /** How the last attempt went, in our words. */
    lastAnswer: text('last_answer'),
    createdAt: createdAt(),
    confirmedAt: instant('confirmed_at'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // An alert is sent to a channel once.
    unique('deliveries_once').on(t.tenantId, t.channelId, t.alertId),
    // And so is each security event.
    unique('deliveries_stop_once').on(t.tenantId, t.channelId, t.stopId),
    unique('deliveries_credential_once').on(t.tenantId, t.channelId, t.credentialId),
    foreignKey({
      columns: [t.tenantId, t.channelId],
      foreignColumns: [channels.tenantId, channels.id],
    }),
    foreignKey({ columns: [t.tenantId, t.alertId], foreignColumns: [alerts.tenantId, alerts.id] }),
    foreignKey({ columns: [t.tenantId, t.stopId], foreignColumns: [stops.tenantId, stops.id] }),
    foreignKey({
      columns: [t.tenantId, t.credentialId],
      foreignColumns: [credentials.tenantId, credentials.id],
    }),
    // What is to be sent, over all tenants.
    index('deliveries_due')
      .on(t.nextAt)
      .where(sql`state = 'unconfirmed'`),
    // The latest of a channel, and how many there were in the last hour.
    index('deliveries_channel').on(t.tenantId, t.channelId, t.createdAt.desc()),
    // To whom an alert was told.
    index('deliveries_alert').on(t.tenantId, t.alertId),
    tenantPolicy(),
  ],
).enableRLS();
