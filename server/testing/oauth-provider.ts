import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import Provider from 'oidc-provider';
import { z } from 'zod';

const clientId = 'broker:one';
const clientSecret = 'a secret with % and +';
const api = 'urn:test:api';
const tokenSeconds = 7200;

/** A real authorisation server on the loopback interface: opaque tokens, and JWTs. */
export interface OauthProvider {
  readonly url: string;
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A form to one of its endpoints, as that client; the JSON that it answers. */
  readonly post: (
    path: string,
    form: Readonly<Record<string, string>>,
  ) => Promise<Record<string, unknown>>;
  readonly issue: (kind: 'opaque' | 'jwt') => Promise<string>;
  /** Whether its own store has this opaque token, asked past every endpoint. */
  readonly hasToken: (token: string) => Promise<boolean>;
  readonly close: () => Promise<void>;
}

const authorization = `Basic ${Buffer.from(
  [clientId, clientSecret]
    .map((text) => new URLSearchParams({ x: text }).toString().slice(2))
    .join(':'),
).toString('base64')}`;

const createProvider = (url: string) =>
  new Provider(url, {
    clients: [
      {
        client_id: clientId,
        client_secret: clientSecret,
        grant_types: ['client_credentials'],
        redirect_uris: [],
        response_types: [],
      },
    ],
    scopes: ['read'],
    ttl: { ClientCredentials: tokenSeconds },
    features: {
      clientCredentials: { enabled: true },
      introspection: { enabled: true, allowedPolicy: () => true },
      revocation: { enabled: true, allowedPolicy: () => true },
      devInteractions: { enabled: false },
      resourceIndicators: {
        enabled: true,
        defaultResource: () => [],
        getResourceServerInfo: () => ({ scope: 'read', accessTokenFormat: 'jwt' }),
      },
    },
  });

export async function serveOauthProvider(): Promise<OauthProvider> {
  const http = createServer();
  await new Promise<void>((done) => http.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(http.address() as AddressInfo).port}`;
  const url = `http://${host}`;
  const provider = createProvider(url);
  const answer = provider.callback();
  http.on('request', (request, response) => void answer(request, response));
  const post: OauthProvider['post'] = async (path, form) => {
    const body = new URLSearchParams(form);
    const answered = await fetch(`${url}${path}`, {
      method: 'POST',
      headers: { authorization },
      body,
    });
    return z.record(z.string(), z.unknown()).parse(await answered.json());
  };
  return {
    url,
    host,
    clientId,
    clientSecret,
    post,
    issue: async (kind) => {
      const asked = { grant_type: 'client_credentials' };
      const form = kind === 'jwt' ? { ...asked, resource: api, scope: 'read' } : asked;
      const answered = await post('/token', form);
      return z.looseObject({ access_token: z.string() }).parse(answered).access_token;
    },
    hasToken: async (token) => (await provider.ClientCredentials.find(token)) !== undefined,
    close: () =>
      new Promise<void>((done) => {
        http.close(() => done());
        http.closeAllConnections();
      }),
  };
}
