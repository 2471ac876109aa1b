import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { serveOauthProvider } from '#server/testing/oauth-provider.ts';

/** A call at the provider's door, before it has reached the provider or before its answer goes out. */
export interface ProviderCall {
  readonly kind: 'look' | 'revoke' | 'probe';
  readonly token: string;
  readonly isDone: boolean;
}

/**
 * A real authorisation server (RFC 7009, RFC 7662) behind a door of ours, at which a call and its
 * answer can be held up: so a crash is timed between the two without a line of product code that knows.
 */
export interface CrashProvider {
  readonly host: string;
  /** As a provider is added to Signalbox. */
  readonly settings: Readonly<Record<string, string>>;
  readonly clientSecret: string;
  readonly issue: (kind: 'opaque' | 'jwt') => Promise<string>;
  /** What its own store says, past the door and past every endpoint. */
  readonly hasToken: (token: string) => Promise<boolean>;
  /** Who is told of calls from now on; a call waits for what it returns. Null: nobody. */
  readonly watch: (watcher: ((call: ProviderCall) => Promise<void>) | null) => void;
  readonly close: () => Promise<void>;
}

const paths = { revoke: '/token/revocation', introspect: '/token/introspection' } as const;

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** Starts it with its door on the loopback interface. */
export async function startCrashProvider(): Promise<CrashProvider> {
  const inner = await serveOauthProvider();
  const revoked = new Set<string>();
  let watcher: ((call: ProviderCall) => Promise<void>) | null = null;
  const answer = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const body = await readBody(request);
    const token = new URLSearchParams(body).get('token') ?? '';
    const isRevocation = request.url === paths.revoke;
    const kind = isRevocation ? 'revoke' : revoked.has(token) ? 'probe' : 'look';
    await watcher?.({ kind, token, isDone: false });
    // Who was killed with the call on its way has not called.
    if (response.destroyed) return;
    const answered = await fetch(`${inner.url}${request.url ?? ''}`, {
      method: 'POST',
      headers: {
        authorization: request.headers.authorization ?? '',
        'content-type': request.headers['content-type'] ?? '',
      },
      body,
    });
    const text = await answered.text();
    if (isRevocation) revoked.add(token);
    await watcher?.({ kind, token, isDone: true });
    response.writeHead(answered.status, { 'content-type': 'application/json' }).end(text);
  };
  const door = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  door.listen(0, '127.0.0.1');
  await once(door, 'listening');
  const address = door.address();
  if (address === null || typeof address === 'string') throw new Error('no port for the provider');
  const host = `127.0.0.1:${address.port}`;
  return {
    host,
    settings: {
      adapter: 'oauth',
      revokeUrl: `http://${host}${paths.revoke}`,
      introspectUrl: `http://${host}${paths.introspect}`,
      clientId: inner.clientId,
    },
    clientSecret: inner.clientSecret,
    issue: inner.issue,
    hasToken: inner.hasToken,
    watch: (next) => {
      watcher = next;
    },
    close: async () => {
      door.closeAllConnections();
      door.close();
      await once(door, 'close');
      await inner.close();
    },
  };
}
