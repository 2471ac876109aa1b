import { decode } from 'next-auth/jwt';
import { isId } from '#server/kernel/ids.ts';

/**
 * Name of the cookie that carries a sign-in. Over https the `__Host-` prefix makes browsers refuse
 * one that another host or path of the domain has set.
 */
export function signInCookieName(isSecure: boolean): string {
  return isSecure ? '__Host-signalbox.sign-in' : 'signalbox.sign-in';
}

/** The value of one cookie in a `Cookie` header; null when absent. The first of several counts. */
export function readCookie(header: string | undefined, name: string): string | null {
  for (const part of (header ?? '').split(';')) {
    const at = part.indexOf('=');
    if (at !== -1 && part.slice(0, at).trim() === name) return part.slice(at + 1).trim();
  }
  return null;
}

/**
 * The sign-in id inside a cookie's encrypted token, or null for anything that this installation did
 * not issue. It proves nothing yet: the row behind it decides, at every call.
 */
export async function signInIdOf(token: string | null, secret: string): Promise<string | null> {
  if (token === null || token.length > 4096) return null;
  try {
    const claims = await decode({ token, secret });
    const id = claims?.['signInId'];
    return typeof id === 'string' && isId('signIn', id) ? id : null;
  } catch {
    // Forged, of another installation, or past its end: all the same to us.
    return null;
  }
}
