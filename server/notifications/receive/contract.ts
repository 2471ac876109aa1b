import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import { plainName } from '#server/kernel/plain-name.ts';
import { readKeys } from './read-keys.ts';
import { receivedOutcomes, receivedTargets } from './states/contract.ts';

export * from './states/contract.ts';

const timeSchema = z.iso.datetime({ offset: true });
const shared = {
  name: plainName(limits.channelNameCharsMax, 'Give it a name.'),
  issuer: z
    .string()
    .trim()
    .min(1, 'Name its issuer, as its tokens do in iss.')
    .max(limits.issuerCharsMax)
    .regex(/^[\x21-\x7e]+$/, 'Must be printable ASCII without blanks.'),
};

/** What a transmitter is made of: its keys pasted here, or fetched from where it publishes them. */
export const transmitterInputSchema = z.discriminatedUnion('from', [
  z.object({
    from: z.literal('pasted'),
    ...shared,
    /** A JSON Web Key Set (RFC 7517), as text. */
    keys: z
      .string()
      .max(limits.transmitterKeysCharsMax, 'The key set is too long.')
      .superRefine((text, ctx) => {
        const { refusal } = readKeys(text);
        if (refusal !== null) ctx.addIssue({ code: 'custom', message: refusal });
      }),
  }),
  z.object({
    from: z.literal('fetched'),
    ...shared,
    keysUrl: z
      .url({ protocol: /^https?$/, error: 'Must be an address such as https://example.com/jwks.' })
      .max(limits.channelTargetCharsMax),
  }),
]);
export type TransmitterInput = z.infer<typeof transmitterInputSchema>;

/** A transmitter as people see it. */
export const transmitterSchema = z.object({
  id: z.string(),
  name: z.string(),
  issuer: z.string(),
  /** Where it pushes to. */
  address: z.string(),
  /** Of the keys kept here; null where they are fetched. */
  keys: z.number().int().positive().nullable(),
  /** Where they are fetched; null where they are kept here. */
  keysUrl: z.string().nullable(),
  createdBy: z.string(),
  createdAt: timeSchema,
  /** When its last event came; null before the first. */
  lastAt: timeSchema.nullable(),
});

export type Transmitter = z.infer<typeof transmitterSchema>;

/** Transmitters by name; the audience is what each of them has to put into `aud`. */
export const transmittersSchema = z.object({
  audience: z.string(),
  items: z.array(transmitterSchema),
});
export type Transmitters = z.infer<typeof transmittersSchema>;

/** An event that came, with what was done about it. */
export const receivedEventSchema = z.object({
  id: z.string(),
  transmitter: z.string(),
  /** URI of its type. */
  type: z.string(),
  /** As it was sent: JSON, cut to a line. */
  subject: z.string(),
  reason: z.string().nullable(),
  /** Of a credential `confirmed` once every part of it is proven dead. */
  outcome: z.enum(receivedOutcomes),
  says: z.string(),
  target: z.enum(receivedTargets).nullable(),
  /** Slug of an agent, id of a credential or a person, name of a session. */
  targetId: z.string().nullable(),
  issuedAt: timeSchema,
  receivedAt: timeSchema,
});
export type ReceivedEvent = z.infer<typeof receivedEventSchema>;

/** Latest first, at most `limits.receivedEventsShown`. */
export const receivedEventsSchema = z.object({ items: z.array(receivedEventSchema) });

/** Why a push is refused (RFC 8935, section 2.4). */
export const setErrors = [
  'invalid_request',
  'invalid_key',
  'invalid_issuer',
  'invalid_audience',
  'authentication_failed',
  'access_denied',
] as const;

/** Body of a refused push (RFC 8935, section 2.3). */
export const setRefusalSchema = z
  .object({ err: z.enum(setErrors), description: z.string() })
  .meta({ id: 'SetRefusal', description: 'Why a security event was refused (RFC 8935).' });
export type SetRefusal = z.infer<typeof setRefusalSchema>;
