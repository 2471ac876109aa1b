import { SignJWT } from 'jose';
import type { ActorType, CredentialKind, StopScopeKind } from '#db/enums.ts';
import type { EventKey } from './event-key.ts';
import type { Message } from './post-message.ts';

/** What other systems are told. Times are RFC 3339. */
export type ToldEvent =
  | {
      readonly type: 'session_revoked';
      readonly stopId: string;
      readonly scopeKind: StopScopeKind;
      readonly scopeId: string;
      readonly reason: string;
      readonly placedBy: ActorType;
      /** The stop was placed; unlike its drain, which may be repeated, this never changes. */
      readonly at: string;
    }
  | {
      readonly type: 'credential_revoked';
      readonly credentialId: string;
      readonly kind: CredentialKind;
      readonly name: string;
      readonly reason: string;
      /** The last part of it was proven dead. */
      readonly at: string;
    };

/** One security event for one receiver; `event` null for a test of the channel. */
export interface EventDelivery {
  readonly deliveryId: string;
  readonly channelId: string;
  readonly tenantId: string;
  readonly issuer: string;
  readonly createdAt: string;
  readonly event: ToldEvent | null;
}

const caep = 'https://schemas.openid.net/secevent/caep/event-type';
const verification = 'https://schemas.openid.net/secevent/ssf/event-type/verification';

const secondsOf = (at: string) => Math.floor(Date.parse(at) / 1000);
const opaque = (id: string) => ({ format: 'opaque', id });

type Subject = Readonly<Record<string, unknown>>;

/**
 * Whose sessions ended. One agent is named by our id of it; where a stop covers more, the subject is
 * complex (SSF 1.0, section 3.3), and names the tenant with it: names of sessions and environments are
 * unique in a tenant only.
 */
function sessionSubject(
  told: EventDelivery,
  { scopeKind, scopeId }: { readonly scopeKind: StopScopeKind; readonly scopeId: string },
): Subject {
  const inTenant = { format: 'complex', tenant: opaque(told.tenantId) };
  if (scopeKind === 'agent') return { format: 'iss_sub', iss: told.issuer, sub: scopeId };
  if (scopeKind === 'tenant') return inTenant;
  if (scopeKind === 'session') return { ...inTenant, session: opaque(scopeId) };
  return { ...inTenant, group: opaque(`${scopeKind}:${scopeId}`) };
}

interface Content {
  readonly subject: Subject;
  /** The same for every receiver that is told of it. */
  readonly transaction: string;
  readonly type: string;
  readonly claims: Readonly<Record<string, unknown>>;
}

function contentOf(told: EventDelivery): Content {
  const { event } = told;
  if (event === null) {
    return {
      subject: opaque(told.channelId),
      transaction: told.deliveryId,
      type: verification,
      claims: { state: told.deliveryId },
    };
  }
  const common = { event_timestamp: secondsOf(event.at), reason_admin: { en: event.reason } };
  if (event.type === 'session_revoked') {
    const isByAdmin = event.placedBy === 'person' || event.placedBy === 'cli';
    return {
      subject: sessionSubject(told, event),
      transaction: event.stopId,
      type: `${caep}/session-revoked`,
      claims: { ...common, initiating_entity: isByAdmin ? 'admin' : 'system' },
    };
  }
  return {
    subject: { format: 'iss_sub', iss: told.issuer, sub: event.credentialId },
    transaction: event.credentialId,
    type: `${caep}/credential-change`,
    claims: {
      ...common,
      credential_type: event.kind,
      change_type: 'revoke',
      friendly_name: event.name,
    },
  };
}

/**
 * The event as a signed token (RFC 8417) in a push (RFC 8935). Its `jti` is the delivery's id and its
 * time the delivery's, so that a second attempt sends the very same bytes and a receiver can drop it.
 * No `exp` and no `sub`: with them it could pass for a token that opens something. The audience is the
 * receiver's origin: a longer address may hold a password.
 */
export async function composeEvent(
  told: EventDelivery,
  target: string,
  key: EventKey,
): Promise<Message> {
  const { subject, transaction, type, claims } = contentOf(told);
  const body = await new SignJWT({
    iss: told.issuer,
    aud: new URL(target).origin,
    jti: told.deliveryId,
    iat: secondsOf(told.createdAt),
    txn: transaction,
    sub_id: subject,
    events: { [type]: claims },
  })
    .setProtectedHeader({ alg: 'RS256', kid: key.kid, typ: 'secevent+jwt' })
    .sign(key.privateKey);
  return {
    url: target,
    body,
    headers: {
      'content-type': 'application/secevent+jwt',
      accept: 'application/json',
      'user-agent': 'Signalbox',
    },
  };
}
