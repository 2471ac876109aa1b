import type { IncomingHttpHeaders } from 'node:http';
import type { Ctx, SignedInPerson } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import type { Services } from '#server/kernel/services.ts';
import type { RequestContext } from '#server/trpc/init.ts';
import { authenticateCaller } from './authenticate-caller.ts';
import { isSameSite } from './check-same-site.ts';
import { readSignIn, scopeOf } from './read-sign-in.ts';
import { readCookie, signInCookieName, signInIdOf } from './sign-in-cookie.ts';

/** What is read of a request; Fastify's fits. */
export interface IncomingCall {
  readonly id: string;
  readonly method: string;
  /** With its query: a stream, which cannot set headers, names its tenant as `?tenant=`. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** The caller's address, as far as proxies are trusted with it. */
  readonly ip: string;
}

/**
 * Who calls a procedure: a person by the sign-in cookie, or a machine by its key; a key that is sent
 * along with a cookie counts alone. Nothing is remembered between procedures of a batch: the row of
 * the sign-in is read at every one.
 */
export function createRequestContext(
  services: Pick<Services, 'db' | 'secrets' | 'url'>,
  call: IncomingCall,
): RequestContext {
  const { db } = services;
  const authorization = call.headers.authorization;
  const tenantSlug = authorization === undefined ? tenantSlugOf(call) : null;
  let signInId: Promise<string | null> | null = null;
  let isActivity = true;

  const openPerson = async (): Promise<SignedInPerson> => {
    if (authorization !== undefined) {
      throw new AppError('unauthenticated', 'Only a signed-in person may do this, not a key.');
    }
    const cookie = readCookie(call.headers.cookie, signInCookieName(isSecure(services.url)));
    if (cookie !== null) requireSameSite(call, services.url);
    signInId ??= signInIdOf(cookie, services.secrets.session);
    const id = await signInId;
    // A stream that checks itself again is not the person at work.
    const person = id === null ? null : await readSignIn(db, id, { isActivity });
    isActivity = false;
    if (!person) throw new AppError('unauthenticated', 'Sign in to go on.');
    return person;
  };

  const openTenant = async (): Promise<Ctx> => {
    if (authorization !== undefined) {
      const standing = await authenticateCaller(db, authorization, call.ip);
      return { ...standing, db, requestId: call.id };
    }
    return scopeOf(db, await openPerson(), tenantSlug, call.id);
  };

  return { requestId: call.id, db, tenantSlug, openTenant, openPerson };
}

/** Whether people reach us over https, by the public address. */
export function isSecure(publicUrl: string): boolean {
  return publicUrl.startsWith('https:');
}

function tenantSlugOf(call: IncomingCall): string | null {
  const header = call.headers['x-signalbox-tenant'];
  if (typeof header === 'string') return header;
  const at = call.url.indexOf('?');
  return at === -1 ? null : new URLSearchParams(call.url.slice(at + 1)).get('tenant');
}

/** @throws AppError `forbidden` for a request that another site started with a person's cookie. */
function requireSameSite(call: IncomingCall, publicUrl: string): void {
  const { headers } = call;
  const site = headers['sec-fetch-site'];
  const isOurs = isSameSite(
    {
      method: call.method,
      host: headers.host,
      origin: headers.origin,
      secFetchSite: typeof site === 'string' ? site : undefined,
      contentType: headers['content-type'],
    },
    publicUrl,
  );
  if (!isOurs) {
    throw new AppError(
      'forbidden',
      'This request was not started by Signalbox’s own pages; open the page and try there.',
    );
  }
}
