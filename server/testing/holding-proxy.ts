import { connect, createServer, type Socket } from 'node:net';
import { once } from 'node:events';

/** A TCP proxy before a web that can hold back what the web answers. */
export interface HoldingProxy {
  readonly url: string;
  /** Sends new connections to this port from now on. */
  readonly aim: (port: number) => void;
  /** Requests pass, answers wait. */
  readonly hold: () => void;
  /** Nothing passes either way, and nobody is told: a line that is cut in the middle. */
  readonly freeze: () => void;
  /** Cuts every connection that is open: answers that wait are never delivered. */
  readonly cut: () => void;
  /** Answers pass again, for connections opened from now on. */
  readonly release: () => void;
  readonly close: () => Promise<void>;
}

/**
 * Stands between clients and the web, so that a crash can be timed between a commit and its answer
 * without a line of product code that knows of it: the database shows the commit, and this keeps the
 * answer.
 */
export async function startHoldingProxy(): Promise<HoldingProxy> {
  const clients = new Set<Socket>();
  let target = 0;
  let isHolding = false;
  let isFrozen = false;
  const server = createServer((client) => {
    clients.add(client);
    const upstream = connect({ host: '127.0.0.1', port: target, noDelay: true });
    const end = () => {
      clients.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      socket.on('error', end);
      socket.on('close', end);
    }
    client.on('data', (chunk) => {
      if (!isFrozen) upstream.write(chunk);
    });
    upstream.on('data', (chunk) => {
      // What comes while answers are held is dropped: the connection is cut before it is let go.
      if (!isHolding && !isFrozen) client.write(chunk);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port for the proxy');
  const cut = () => {
    for (const client of clients) client.destroy();
    clients.clear();
  };
  return {
    url: `http://127.0.0.1:${address.port}`,
    aim: (port) => {
      target = port;
    },
    hold: () => {
      isHolding = true;
    },
    freeze: () => {
      isFrozen = true;
    },
    cut,
    release: () => {
      isHolding = false;
      isFrozen = false;
    },
    close: async () => {
      cut();
      server.close();
      await once(server, 'close');
    },
  };
}
