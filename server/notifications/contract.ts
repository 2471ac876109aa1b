import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { plainName } from '#server/kernel/plain-name.ts';
import { channelKinds, channelStates, deliveryStates, severities } from './states/contract.ts';

export * from './states/contract.ts';

const timeSchema = z.iso.datetime({ offset: true });
const nameSchema = plainName(limits.channelNameCharsMax, 'Give it a name.');
const severityMin = z.enum(severities);
const addressSchema = z
  .url({ protocol: /^https?$/, error: 'Must be an address such as https://example.com/hook.' })
  .max(limits.channelTargetCharsMax);

/** What a channel is made of. */
export const channelInputSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('webhook'),
    name: nameSchema,
    target: addressSchema,
    severityMin,
  }),
  z.object({
    kind: z.literal('email'),
    name: nameSchema,
    target: z.email('Must be an e-mail address.').max(limits.emailCharsMax),
    severityMin,
  }),
  // Stops and revocations as security events; a severity is of alerts.
  z.object({ kind: z.literal('caep'), name: nameSchema, target: addressSchema }),
]);
export type ChannelInput = z.infer<typeof channelInputSchema>;

/** A channel as people see it; its address never in full, where that is a password. */
export const channelSchema = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(channelKinds),
  /** Address of an e-mail, origin of the others. */
  target: z.string(),
  /** Null where no alerts are sent, but security events. */
  severityMin: severityMin.nullable(),
  state: z.enum(channelStates),
  createdBy: z.string(),
  createdAt: timeSchema,
  /** Deliveries that are not confirmed yet, and that were given up. */
  unconfirmed: z.number().int().nonnegative(),
  dead: z.number().int().nonnegative(),
  /** Of the latest that was confirmed; null before the first. */
  confirmedAt: timeSchema.nullable(),
});
export type Channel = z.infer<typeof channelSchema>;

/** What an added channel is told once: with the secret of a webhook its receiver checks signatures. */
export const addedChannelSchema = z.object({ id: z.string(), secret: z.string().nullable() });

/** What other systems are told of as security events (CAEP 1.0, sections 3.1 and 3.3). */
const securityEvents = ['session_revoked', 'credential_revoked'] as const;
export type SecurityEvent = (typeof securityEvents)[number];

export const deliverySchema = z.object({
  id: z.string(),
  channelId: z.string(),
  channel: z.string(),
  kind: z.enum(channelKinds),
  /** With `event` null too: a test. */
  alert: z.object({ id: z.string(), title: z.string(), severity: z.enum(severities) }).nullable(),
  /** What happened, and the name of the scope or the credential to which. */
  event: z.object({ type: z.enum(securityEvents), subject: z.string() }).nullable(),
  state: z.enum(deliveryStates),
  attempts: z.number().int().nonnegative(),
  /** While it is unconfirmed. */
  nextAt: timeSchema.nullable(),
  lastAnswer: z.string().nullable(),
  createdAt: timeSchema,
  confirmedAt: timeSchema.nullable(),
});
export type Delivery = z.infer<typeof deliverySchema>;

/** Latest first, at most `limits.deliveriesShown`. */
export const deliveriesSchema = z.object({ items: z.array(deliverySchema) });
/** Of one channel or of one alert. */
export const deliveriesInputSchema = z.object({
  channelId: z.string().max(64).nullish(),
  alertId: z.string().max(64).nullish(),
  state: z.enum(deliveryStates).nullish(),
});
export type DeliveriesInput = z.infer<typeof deliveriesInputSchema>;
