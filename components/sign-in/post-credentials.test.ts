import { afterEach, describe, expect, it, vi } from 'vitest';
import { postCredentials, readAnswer } from './post-credentials.ts';

const origin = 'http://localhost:3000';
const wrong = { isSignedIn: false, reason: 'wrong' };
const throttled = { isSignedIn: false, reason: 'throttled' };
const unreachable = { isSignedIn: false, reason: 'unreachable' };
const at = (url: string) => ({ isSignedIn: true, url });

describe('readAnswer', () => {
  it.each([
    [200, `${origin}/t/demo?x=1`, at('/t/demo?x=1')],
    [200, '/t/demo', at('/t/demo')],
    [200, 'https://evil.example/t/demo', at('/')],
    [200, '//evil.example/', at('/')],
    [200, `${origin}/api/auth/signin?csrf=true`, unreachable],
    [200, `${origin}/login?error=CredentialsSignin`, wrong],
    [401, `${origin}/login?error=CredentialsSignin`, wrong],
    [401, `${origin}/login?error=throttled`, throttled],
    [401, `${origin}/login?error=unavailable`, unreachable],
    [401, null, wrong],
    [429, null, throttled],
    [429, `${origin}/t/demo`, throttled],
    [500, null, unreachable],
    [500, `${origin}/t/demo`, unreachable],
    [200, null, wrong],
    [200, 'http://[', unreachable],
  ])('status %d with url %j', (status, url, outcome) => {
    expect(readAnswer(status, url, origin)).toEqual(outcome);
  });
});

describe('postCredentials', () => {
  afterEach(() => vi.unstubAllGlobals());
  const credentials = { email: 'ada@example.com', password: 'correct horse' };

  function answerWith(...answers: Response[]) {
    const fetch = vi.fn<typeof globalThis.fetch>();
    for (const answer of answers) fetch.mockResolvedValueOnce(answer);
    vi.stubGlobal('fetch', fetch);
    vi.stubGlobal('location', { origin });
    return fetch;
  }

  it('asks for the token first and posts it with the credentials', async () => {
    const fetch = answerWith(
      Response.json({ csrfToken: 'tok' }),
      Response.json({ url: `${origin}/t/demo` }),
    );
    expect(await postCredentials(credentials, '/t/demo')).toEqual(at('/t/demo'));
    const body = fetch.mock.calls[1]?.[1]?.body;
    expect(body instanceof URLSearchParams ? Object.fromEntries(body) : null).toEqual({
      ...credentials,
      csrfToken: 'tok',
      callbackUrl: '/t/demo',
      json: 'true',
    });
  });

  it.each([
    ['no token', [Response.json({})]],
    ['a page instead of JSON', [new Response('<html>')]],
    ['nobody there', []],
  ])('is unreachable with %s', async (_, answers) => {
    answerWith(...answers);
    expect(await postCredentials(credentials, '/')).toEqual(unreachable);
  });
});
