/** How a sign-in ended. `throttled` and `unreachable` are told apart from a wrong password. */
export type SignInOutcome =
  | { readonly isSignedIn: true; readonly url: string }
  | { readonly isSignedIn: false; readonly reason: 'wrong' | 'throttled' | 'unreachable' };

export interface Credentials {
  readonly email: string;
  readonly password: string;
}

function refused(reason: 'wrong' | 'throttled' | 'unreachable'): SignInOutcome {
  return { isSignedIn: false, reason };
}

/**
 * Reads next-auth's answer. Its `ok` is true even when the CSRF cookie was lost, and then the url
 * carries `csrf=true`; only an address of our own without `csrf` and `error` is a success.
 */
export function readAnswer(status: number, url: string | null, origin: string): SignInOutcome {
  if (status === 429) return refused('throttled');
  if (url === null) return refused(status >= 500 ? 'unreachable' : 'wrong');
  const target = URL.canParse(url, origin) ? new URL(url, origin) : null;
  if (target === null || target.searchParams.has('csrf')) return refused('unreachable');
  const error = target.searchParams.get('error');
  if (error === 'throttled') return refused('throttled');
  if (error === 'unavailable') return refused('unreachable');
  if (error !== null) return refused('wrong');
  if (status >= 400) return refused(status >= 500 ? 'unreachable' : 'wrong');
  const isOurs = target.origin === origin;
  return { isSignedIn: true, url: isOurs ? `${target.pathname}${target.search}` : '/' };
}

function fieldOf(value: unknown, name: string): string | null {
  if (typeof value !== 'object' || value === null || !(name in value)) return null;
  const field = (value as Readonly<Record<string, unknown>>)[name];
  return typeof field === 'string' ? field : null;
}

/**
 * Signs in at next-auth's credentials door. One request after the other: two first requests at once
 * race for the CSRF cookie. Never throws; sets the session cookie on success.
 * @param callbackUrl a path of ours to go to afterwards
 */
export async function postCredentials(
  credentials: Credentials,
  callbackUrl: string,
): Promise<SignInOutcome> {
  try {
    const csrfAnswer = await fetch('/api/auth/csrf', { cache: 'no-store' });
    const csrfToken = fieldOf(await csrfAnswer.json(), 'csrfToken');
    if (csrfToken === null) return refused('unreachable');
    const answer = await fetch('/api/auth/callback/credentials', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ ...credentials, csrfToken, callbackUrl, json: 'true' }),
    });
    const body: unknown = await answer.json().catch(() => null);
    return readAnswer(answer.status, fieldOf(body, 'url'), location.origin);
  } catch {
    return refused('unreachable');
  }
}
