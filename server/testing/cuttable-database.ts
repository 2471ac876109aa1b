import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The tests' database behind a socket of its own, which can be cut and mended. */
export interface CuttableDatabase {
  /** The same login, through the socket that can be cut. */
  readonly url: string;
  /** Ends every connection and takes no new one. */
  readonly cut: () => Promise<void>;
  readonly mend: () => Promise<void>;
  readonly close: () => Promise<void>;
}

const socketName = '.s.PGSQL.5432';

/** For one process whose database goes away while everybody else's stays. */
export async function openCuttableDatabase(url: string): Promise<CuttableDatabase> {
  const parsed = new URL(url);
  const realSocket = join(parsed.searchParams.get('host') ?? '', socketName);
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-cut-'));
  chmodSync(folder, 0o711);
  const clients = new Set<Socket>();
  const server = createServer((client) => {
    clients.add(client);
    const upstream = connect(realSocket);
    const end = () => {
      clients.delete(client);
      client.destroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) socket.on('error', end).on('close', end);
    client.pipe(upstream).pipe(client);
  });
  const cut = async () => {
    for (const client of clients) client.destroy();
    if (!server.listening) return;
    server.close();
    await once(server, 'close');
  };
  const mend = async () => {
    server.listen(join(folder, socketName));
    await once(server, 'listening');
  };
  await mend();
  parsed.searchParams.set('host', folder);
  return {
    url: parsed.toString(),
    cut,
    mend,
    close: async () => {
      await cut();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
