import { sql } from 'drizzle-orm';
import {
  foreignKey,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  unique,
} from 'drizzle-orm/pg-core';
import { bytes, createdAt, instant, oneOf, tenantId, tenantPolicy, typeId } from '../columns.ts';
import {
  channelKinds,
  channelStates,
  deliveryStates,
  receivedOutcomes,
  receivedTargets,
  severities,
} from '../enums.ts';
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

/** Systems whose security events are believed, each by its own keys. */
export const transmitters = pgTable(
  'transmitters',
  {
    tenantId: tenantId(),
    id: typeId('id', 'transmitter').notNull(),
    name: text('name').notNull(),
    /** What its tokens call their issuer, to the letter. */
    issuer: text('issuer').notNull(),
    /** Its public keys (RFC 7517); null where they are fetched. */
    keys: jsonb('keys'),
    /** Where its keys are fetched; null where they are kept here. */
    keysUrl: text('keys_url'),
    createdBy: text('created_by').notNull(),
    createdAt: createdAt(),
    removedAt: instant('removed_at'),
  },
  (t) => [primaryKey({ columns: [t.tenantId, t.id] }), tenantPolicy()],
).enableRLS();

/** What a transmitter told and what was done about it, written with the deed itself. Append-only. */
export const receivedEvents = pgTable(
  'received_events',
  {
    tenantId: tenantId(),
    id: typeId('id', 'receivedEvent').notNull(),
    transmitterId: typeId('transmitter_id', 'transmitter').notNull(),
    /** The transmitter's own id of it: a second push of it does nothing. */
    jti: text('jti').notNull(),
    /** When the transmitter says that it signed it. */
    issuedAt: instant('issued_at').notNull(),
    receivedAt: instant('received_at')
      .notNull()
      .default(sql`clock_timestamp()`),
    /** URI of the event's type. */
    type: text('type').notNull(),
    /** The subject as it was sent, cut to a line. */
    subject: text('subject').notNull(),
    /** The transmitter's own words; null where it gave none. */
    reason: text('reason'),
    outcome: oneOf('outcome', receivedOutcomes).notNull(),
    /** What was done, and what was not, in our words. */
    says: text('says').notNull(),
    /** What of ours it was about; null where nothing was. */
    target: oneOf('target', receivedTargets),
    targetId: text('target_id'),
  },
  (t) => [
    primaryKey({ columns: [t.tenantId, t.id] }),
    // An event does what it does once.
    unique('received_events_once').on(t.tenantId, t.transmitterId, t.jti),
    foreignKey({
      columns: [t.tenantId, t.transmitterId],
      foreignColumns: [transmitters.tenantId, transmitters.id],
    }),
    // The latest of a tenant.
    index('received_events_latest').on(t.tenantId, t.receivedAt.desc()),
    // The last of each transmitter.
    index('received_events_of').on(t.tenantId, t.transmitterId, t.receivedAt.desc()),
    tenantPolicy(),
  ],
).enableRLS();
