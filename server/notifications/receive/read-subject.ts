import { z } from 'zod';

/** Who receives: with what a subject has to begin to be of ours. */
export interface Receiver {
  /** Our own issuer, as our tokens have it. */
  readonly issuer: string;
  readonly tenantId: string;
}

/** Whom an event is about, as far as its subject says; whether there is such a one, the tables say. */
export type NamedSubject =
  | { readonly kind: 'email'; readonly email: string }
  /** By a name or id of ours: an agent or a credential; of an agent perhaps one session only. */
  | { readonly kind: 'name'; readonly name: string; readonly sessionId: string | null }
  | { readonly kind: 'session'; readonly sessionId: string }
  /** Somebody else's, by what it says itself. */
  | { readonly kind: 'foreign' }
  | { readonly kind: 'unreadable'; readonly why: string };

const text = z.string().min(1).max(512);
/** The identifiers of RFC 9493 that can name something of ours. */
const simpleSchema = z.discriminatedUnion('format', [
  z.object({ format: z.literal('email'), email: text }),
  z.object({ format: z.literal('iss_sub'), iss: text, sub: text }),
  z.object({ format: z.literal('opaque'), id: text }),
]);
type Simple = z.infer<typeof simpleSchema>;

/** SSF 1.0, section 3.3. Every member narrows it, so one that we do not know leaves nobody to act on. */
const complexSchema = z.strictObject({
  format: z.literal('complex'),
  tenant: simpleSchema.optional(),
  user: simpleSchema.optional(),
  application: simpleSchema.optional(),
  session: simpleSchema.optional(),
});

const unreadable = (why: string): NamedSubject => ({ kind: 'unreadable', why });

/**
 * Reads a subject as our own events write theirs, and an e-mail address as identity providers do. What
 * cannot be read whole names nobody: an event about one session must not end them all. Pure.
 */
export function readSubject(value: unknown, us: Receiver): NamedSubject {
  const simple = simpleSchema.safeParse(value);
  if (simple.success) return nameOf(simple.data, us);
  const complex = complexSchema.safeParse(value);
  if (!complex.success) return unreadable('its subject is of a form that is not known here');
  const { tenant, user, application, session } = complex.data;
  if (tenant !== undefined && idOf(tenant, us) !== us.tenantId) return { kind: 'foreign' };
  const principal = user ?? application;
  if (user !== undefined && application !== undefined) {
    return unreadable('its subject is one user in one application');
  }
  if (session === undefined) {
    return principal === undefined
      ? unreadable('its subject is the whole tenant, which people stop here')
      : nameOf(principal, us);
  }
  const sessionId = idOf(session, us);
  if (sessionId === null) return { kind: 'foreign' };
  if (principal === undefined) return { kind: 'session', sessionId };
  const named = nameOf(principal, us);
  if (named.kind === 'email') return unreadable('its subject is one session of a person elsewhere');
  return named.kind === 'name' ? { ...named, sessionId } : named;
}

function nameOf(subject: Simple, us: Receiver): NamedSubject {
  if (subject.format === 'email') return { kind: 'email', email: subject.email };
  const name = idOf(subject, us);
  return name === null ? { kind: 'foreign' } : { kind: 'name', name, sessionId: null };
}

/** The id that is meant; null where it is another issuer's, or an address. */
function idOf(subject: Simple, us: Receiver): string | null {
  if (subject.format === 'opaque') return subject.id;
  return subject.format === 'iss_sub' && subject.iss === us.issuer ? subject.sub : null;
}
