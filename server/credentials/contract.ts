import { z } from 'zod';
import { credentialKinds, leaseTokenFormats } from '#db/enums.ts';
import { toolNameSchema } from '#server/agents/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { plainName } from '#server/kernel/plain-name.ts';

/** One scope as OAuth spells it (RFC 6749, section 3.3): printable ASCII, no blank, `"` or `\`. */
const scopeSchema = z
  .string()
  .min(1)
  .max(limits.scopeCharsMax)
  .regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/, 'must be printable ASCII without blanks, " and \\');

const scopesSchema = z
  .array(scopeSchema)
  .min(1, 'name at least one scope: an empty list allows nothing')
  .max(limits.scopesMax)
  .refine((scopes) => new Set(scopes).size === scopes.length, 'names a scope twice');

/** Body of `POST /api/v1/leases`. */
export const leaseInput = z.strictObject({
  tool: toolNameSchema,
  scopes: scopesSchema,
  /** Cut to what the credential allows; the answer says what came of it. */
  ttlSeconds: z.int().min(1).max(limits.leaseSecondsMax).default(limits.leaseSecondsDefault),
  /**
   * `jwt`: an access token after RFC 9068 whose origin, time and tenant (`ten`) can be checked without asking here. It
   * lives `limits.jwtLeaseSecondsMax` at most, and whether it was ended only an introspection tells.
   */
  tokenFormat: z.enum(leaseTokenFormats).default('opaque'),
  /** The action that it is for: the agent's own, of the same tool, with a permit. */
  actionId: z.string().max(64).nullish(),
});
export type LeaseInput = z.output<typeof leaseInput>;

/** A lease: the only time that its token is seen. */
export const issuedLeaseSchema = z
  .object({ id: z.string(), token: z.string(), expiresAt: z.string() })
  .meta({ id: 'Lease' });
export type IssuedLease = z.infer<typeof issuedLeaseSchema>;

/** A lease that was given back: no introspection calls it live. */
export const endedLeaseSchema = z.object({
  id: z.string(),
  active: z.literal(false),
  /** Of a JWT: until when whoever checks it without asking here takes it all the same; else null. */
  offlineUntil: z.string().nullable(),
});
export type EndedLease = z.infer<typeof endedLeaseSchema>;

/** Form of `POST /oauth/introspect` and `/oauth/revoke`. The hint decides nothing. */
export const tokenFormSchema = z.object({
  token: z.string().min(1).max(limits.tokenCharsMax),
  token_type_hint: z.string().max(limits.nameCharsMax).optional(),
});

/**
 * What RFC 7662 answers. All that is not live, unknown, foreign or of a tool that the asking enforcer
 * is not bound to looks the same: `{"active":false}`.
 */
export const introspectionSchema = z
  .union([
    z.object({ active: z.literal(false) }),
    z.object({
      active: z.literal(true),
      /** Space-separated. */
      scope: z.string(),
      /** The agent's slug, and its id. */
      client_id: z.string(),
      sub: z.string(),
      /** The tool that it is for. */
      aud: z.string(),
      iss: z.string(),
      /** Seconds since 1970. */
      iat: z.int(),
      nbf: z.int(),
      exp: z.int(),
      /** `lse_…` */
      jti: z.string(),
      token_type: z.literal('Bearer'),
      /** The credential behind it, and the action that it is for. */
      credential_id: z.string(),
      action_id: z.string().nullable(),
    }),
  ])
  .meta({ id: 'Introspection' });
export type Introspection = z.infer<typeof introspectionSchema>;

/** What brings a credential into the broker. The secret is in no answer, ever. */
export const addCredentialInput = z.strictObject({
  name: plainName(limits.nameCharsMax),
  tool: toolNameSchema,
  kind: z.enum(credentialKinds),
  secret: z.string().min(1, 'must not be empty').max(limits.secretCharsMax),
  scopes: scopesSchema,
  /** Slugs of the agents that may take leases. */
  holders: z.array(z.string().min(1).max(limits.callerIdCharsMax)).max(limits.holdersMax),
  environment: z
    .string()
    .regex(/^[a-z0-9][a-z0-9_-]{0,62}$/, 'must match [a-z0-9][a-z0-9_-]{0,62}')
    .nullable()
    .default(null),
  ownerUserId: z.string().max(64).nullable().default(null),
  parentId: z.string().max(64).nullable().default(null),
  /** Where it was made, and its name there. */
  providerId: z.string().max(64).nullable().default(null),
  externalRef: z.string().min(1).max(limits.providerUrlCharsMax).nullable().default(null),
  expiresAt: z.iso.datetime({ offset: true }).nullable().default(null),
  leaseSecondsMax: z.int().min(1).max(limits.leaseSecondsMax).default(limits.leaseSecondsDefault),
  isActionRequired: z.boolean().default(false),
});
export type AddCredentialInput = z.output<typeof addCredentialInput>;

const urlSchema = z.url({ protocol: /^https?$/ }).max(limits.providerUrlCharsMax);

/** Where and how a provider is asked; by its adapter. */
export const providerSettingsSchema = z.discriminatedUnion('adapter', [
  z.strictObject({
    adapter: z.literal('oauth'),
    revokeUrl: urlSchema,
    introspectUrl: urlSchema.nullable().default(null),
    clientId: z.string().min(1).max(limits.nameCharsMax),
  }),
  z.strictObject({
    adapter: z.literal('vault'),
    address: urlSchema,
    namespace: z.string().min(1).max(limits.nameCharsMax).nullable().default(null),
  }),
  z.strictObject({
    adapter: z.literal('webhook'),
    url: urlSchema,
    probeUrl: urlSchema.nullable().default(null),
  }),
]);

export const addProviderInput = z.strictObject({
  name: plainName(limits.nameCharsMax),
  settings: providerSettingsSchema,
  /** The client's secret, the Vault token, or what webhooks are signed with; in no answer, ever. */
  secret: z.string().min(1, 'must not be empty').max(limits.secretCharsMax),
});
export type AddProviderInput = z.output<typeof addProviderInput>;

export const revokeInput = z.strictObject({
  id: z.string().max(64),
  reason: z.string().trim().min(1).max(limits.stopReasonCharsMax),
});
export type RevokeInput = z.output<typeof revokeInput>;

export const revokeAnswerSchema = z.object({
  /** How many were not being revoked before. */
  credentials: z.int(),
  isChanged: z.boolean(),
});
export type RevokeAnswer = z.infer<typeof revokeAnswerSchema>;
