/**
 * Ends this sign-in at the server and leaves for the sign-in page, also when the server could not be
 * reached: a person who leaves the desk must not be left looking at data.
 */
export async function signOut(): Promise<void> {
  try {
    const answer = await fetch('/api/auth/csrf', { cache: 'no-store' });
    const body: unknown = await answer.json();
    const csrfToken =
      typeof body === 'object' && body !== null && 'csrfToken' in body ? body.csrfToken : null;
    await fetch('/api/auth/signout', {
      method: 'POST',
      headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
      body: new URLSearchParams({ csrfToken: String(csrfToken), json: 'true' }),
    });
  } finally {
    location.assign('/login');
  }
}
