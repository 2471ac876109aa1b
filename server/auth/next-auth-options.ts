import type { NextAuthOptions } from 'next-auth';
import credentialsProvider from 'next-auth/providers/credentials';
import { clientAddressHeader } from '#server/http/client-address.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { isId, newRequestId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Services } from '#server/kernel/services.ts';
import { endSignIn } from './end-sign-in.ts';
import { openSignIn } from './open-sign-in.ts';
import { readSignIn } from './read-sign-in.ts';
import { isSecure } from './request-context.ts';
import { signInCookieName } from './sign-in-cookie.ts';

type Offered = Readonly<Record<string, unknown>> | undefined;
const textOf = (offered: Offered, name: string): string => {
  const value = offered?.[name];
  return typeof value === 'string' ? value : '';
};

/**
 * next-auth, kept to what it does well: the form's CSRF token, the encrypted cookie. Its token
 * carries the id of a sign-in and nothing else; roles and validity are read from the row at every
 * call, so a copied cookie dies with the row.
 */
export function createNextAuthOptions(services: Services): NextAuthOptions {
  const { db, log } = services;
  const isHttps = isSecure(services.url);
  const cookie = (name: string) => ({
    name,
    options: { httpOnly: true, sameSite: 'lax' as const, path: '/', secure: isHttps },
  });
  const prefix = isHttps ? '__Host-' : '';
  return {
    secret: services.secrets.session,
    session: { strategy: 'jwt', maxAge: limits.signInHoursMax * 3600 },
    useSecureCookies: isHttps,
    cookies: {
      sessionToken: cookie(signInCookieName(isHttps)),
      csrfToken: cookie(`${prefix}signalbox.csrf`),
      callbackUrl: cookie(`${prefix}signalbox.callback`),
    },
    pages: { signIn: '/login', signOut: '/login', error: '/login' },
    providers: [
      credentialsProvider({
        credentials: { email: {}, password: {} },
        authorize: (offered, request) => authorize(services, offered, request.headers ?? {}),
      }),
    ],
    callbacks: {
      jwt: async ({ token, user }) => {
        // Of a fresh sign-in `user.id` is the sign-in's id: see authorize().
        if (user) return { signInId: user.id };
        const id = token['signInId'];
        const person =
          typeof id === 'string' ? await readSignIn(db, id, { isActivity: false }) : null;
        if (!person) throw new Error(signInIsOver);
        return { signInId: person.signInId };
      },
      session: ({ session }) => ({ expires: session.expires }),
      // Only paths of our own, whatever address next-auth thinks it has.
      redirect: ({ url }) => (/^\/(?![/\\])/.test(url) ? url : '/'),
    },
    events: {
      signOut: async ({ token }) => {
        const id: unknown = token?.['signInId'];
        if (typeof id !== 'string' || !isId('signIn', id)) return;
        const person = await readSignIn(db, id, { isActivity: false });
        if (person) await endSignIn(db, person, id, newRequestId());
      },
    },
    logger: {
      // It asks for NEXTAUTH_URL, which only matters to providers that redirect.
      warn: () => undefined,
      debug: () => undefined,
      error: (code, metadata) => {
        const error = metadata instanceof Error ? metadata : metadata.error;
        if (error.message !== signInIsOver) log.error({ err: error, code }, 'next-auth failed');
      },
    },
  };
}

const signInIsOver = 'this sign-in is over';

/** @throws Error `throttled`, which next-auth hands to the sign-in page as it is. */
async function authorize(
  services: Services,
  offered: Offered,
  headers: Readonly<Record<string, unknown>>,
): Promise<{ id: string } | null> {
  try {
    const opened = await openSignIn(services.db, {
      email: textOf(offered, 'email'),
      password: textOf(offered, 'password'),
      address: textOf(headers, clientAddressHeader) || 'unknown',
      userAgent: textOf(headers, 'user-agent'),
      requestId: newRequestId(),
    });
    return { id: opened.signInId };
  } catch (error) {
    if (isAppError(error) && error.code === 'unauthenticated') return null;
    if (isAppError(error) && error.code === 'rate_limited') {
      throw new Error('throttled', { cause: error });
    }
    services.log.error({ err: error }, 'sign-in failed');
    throw new Error('unavailable', { cause: error });
  }
}
