import { z } from 'zod';
import { type KeyKind, keyKinds, type Role, roles } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';
import { plainName } from '#server/kernel/plain-name.ts';
import { permissions } from '#server/kernel/permissions.ts';

export { type KeyKind, keyKinds, type Role, roles };

/** An e-mail as people type it, trimmed and in lower case: one account per spelling. */
export const emailSchema = z
  .string()
  .trim()
  .max(limits.emailCharsMax)
  .toLowerCase()
  .pipe(z.email('must be an e-mail address'));

/** A new password. Length is the only rule: rules of composition make worse passwords (NIST 800-63B). */
export const newPasswordSchema = z
  .string()
  .min(limits.passwordCharsMin, `must have at least ${limits.passwordCharsMin} characters`)
  .max(limits.passwordCharsMax, `must have at most ${limits.passwordCharsMax} characters`);

/** What a person typed as an existing password: bounded, nothing else. */
export const typedPasswordSchema = z.string().min(1).max(limits.passwordCharsMax);

export const personNameSchema = plainName(limits.personNameCharsMax);
export const tenantNameSchema = plainName(limits.tenantNameCharsMax);
export const keyNameSchema = plainName(limits.keyNameCharsMax);
export const tenantSlugSchema = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,62}$/, 'must match [a-z0-9][a-z0-9-]{0,62}');

export const roleSchema = z.enum(roles);
/** Roles of a person in a tenant: at least one, each once, in the order of the list. */
export const rolesSchema = z
  .array(roleSchema)
  .min(1, 'give at least one role')
  .max(roles.length)
  .transform((given) => roles.filter((role) => given.includes(role)));

export const permissionNameSchema = z.enum(
  Object.keys(permissions) as [keyof typeof permissions, ...(keyof typeof permissions)[]],
);

/** A tenant as its people see it in the switcher. */
export const membershipSchema = z.object({
  tenantId: z.string(),
  slug: z.string(),
  name: z.string(),
  isDemo: z.boolean(),
  roles: z.array(roleSchema),
});

/** Who is signed in. `current` is the tenant of the request's header; null outside one. */
export const meSchema = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  signInId: z.string(),
  expiresAt: z.string(),
  tenants: z.array(membershipSchema),
  current: membershipSchema.extend({ permissions: z.array(permissionNameSchema) }).nullable(),
});
export type Me = z.infer<typeof meSchema>;

/** A person of a tenant, in lists. */
export const personSchema = z.object({
  userId: z.string(),
  email: z.string(),
  name: z.string(),
  roles: z.array(roleSchema),
  memberSince: z.string(),
  isDisabled: z.boolean(),
});
export type Person = z.infer<typeof personSchema>;

export const addPersonInput = z.object({
  email: emailSchema,
  name: personNameSchema,
  roles: rolesSchema,
  password: newPasswordSchema,
});
export type AddPersonInput = z.infer<typeof addPersonInput>;

export const changeRolesInput = z.object({ userId: z.string(), roles: rolesSchema });
export const changePasswordInput = z.object({
  currentPassword: typedPasswordSchema,
  newPassword: newPasswordSchema,
});

/** One open sign-in of the person who asks; `isCurrent` is the one that asks. */
export const signInSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  lastSeenAt: z.string(),
  expiresAt: z.string(),
  address: z.string(),
  userAgent: z.string(),
  isCurrent: z.boolean(),
});
export type SignInRow = z.infer<typeof signInSchema>;

export const keyStates = ['live', 'revoked', 'expired'] as const;
/** A machine key in lists; never the secret, of which only a hash is stored. */
export const keySchema = z.object({
  id: z.string(),
  kind: z.enum(keyKinds),
  name: z.string(),
  /** `sbk_<kind>_<26 base32>`: enough to tell keys apart, useless to an attacker. */
  prefix: z.string(),
  state: z.enum(keyStates),
  agent: z.object({ id: z.string(), slug: z.string() }).nullable(),
  tools: z.array(z.string()),
  createdBy: z.string(),
  createdAt: z.string(),
  expiresAt: z.string().nullable(),
  revokedAt: z.string().nullable(),
  /** Exact to a minute. */
  lastUsedAt: z.string().nullable(),
});
export type KeyRow = z.infer<typeof keySchema>;

/** The answer to a creation: the only time that the key itself is seen. */
export const createdKeySchema = z.object({ id: z.string(), key: z.string(), prefix: z.string() });
export type CreatedKey = z.infer<typeof createdKeySchema>;
