import { connect, type Socket } from 'node:net';
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js';
import postgres, { type Options, type Sql } from 'postgres';
import * as schema from './schema/index.ts';
import { surviveLostConnections } from './survive-lost-connections.ts';

export type Db = PostgresJsDatabase<typeof schema> & { readonly $client: Sql };
/** A transaction of {@link Db}; everything that reads or writes a tenant runs in one. */
export type Tx = Parameters<Parameters<Db['transaction']>[0]>[0];

export interface DbOptions {
  /** Connections of the pool. */
  readonly connectionsMax?: number;
  /** Shown in pg_stat_activity. */
  readonly applicationName?: string;
}

/**
 * postgres.js options for a URL. `?host=/dir` names a Unix socket's folder, as libpq has it. Over
 * TCP the socket is opened with no delay: postgres.js never sets it, and large messages on loopback
 * then wait 40 ms for delayed acknowledgements (measured: p50 88 ms against 7.9 ms).
 */
export function connectionOptions(url: string): Options<Record<string, never>> {
  const parsed = new URL(url);
  const socketDir = parsed.searchParams.get('host');
  const port = parsed.port === '' ? 5432 : Number(parsed.port);
  const common = {
    database: decodeURIComponent(parsed.pathname.slice(1)),
    username: decodeURIComponent(parsed.username),
    password: decodeURIComponent(parsed.password),
  };
  if (socketDir?.startsWith('/')) return { ...common, path: `${socketDir}/.s.PGSQL.${port}` };
  const sslmode = parsed.searchParams.get('sslmode');
  if (sslmode !== null && sslmode !== 'disable') {
    return {
      ...common,
      host: parsed.hostname,
      port,
      ssl: sslmode === 'require' ? 'require' : 'verify-full',
    };
  }
  return {
    ...common,
    host: parsed.hostname,
    port,
    // Not in the published types; documented in the README of postgres.js. The socket is handed
    // over before it is connected: were it awaited, a refused connection would never be reported
    // as closed, and postgres.js would keep its place in the pool for good.
    ...({
      socket: () => reportHangUp(connect({ host: parsed.hostname, port, noDelay: true })),
    } as object),
  };
}

/** With which a Postgres begins to speak: a request to authenticate, or an error. */
const firstBytes: ReadonlySet<number | undefined> = new Set(Buffer.from('RE'));

/**
 * Tells postgres.js of a peer that hangs up before it has spoken as a Postgres does: a proxy without a
 * database behind it, a web server. The library connects again at once, without a pause and without an
 * end, while whoever asked waits (measured: 500 connections a second).
 */
function reportHangUp(socket: Socket): Socket {
  let isPostgres = false;
  socket.once('data', (chunk: Buffer) => {
    isPostgres = firstBytes.has(chunk[0]);
  });
  return socket.once('close', (hadError) => {
    if (hadError || isPostgres) return;
    const problem = new Error('what answers at the address of the database is no Postgres');
    socket.emit('error', Object.assign(problem, { code: 'ECONNRESET' }));
  });
}

/** Pause before a connection is tried again, after so many failures in a row: 50 ms up to 1 s. */
function reconnectSeconds(failures: number): number {
  return Math.min(0.05 * 2 ** failures, 1);
}

/** A bare postgres.js pool: for the hot paths and for sessions that hold locks. */
export function createSql(url: string, options: DbOptions = {}): Sql {
  const sql = postgres({
    ...connectionOptions(url),
    max: options.connectionsMax ?? 10,
    idle_timeout: 60,
    connect_timeout: 10,
    // Its own goes up to 20 s, for which a request would wait after the database is back.
    backoff: reconnectSeconds,
    onnotice: () => undefined,
    connection: {
      application_name: options.applicationName ?? 'signalbox',
      TimeZone: 'UTC',
      DateStyle: 'ISO',
    },
  });
  return surviveLostConnections(sql);
}

/** A pool with the schema: what verbs and queries use. `db.$client.end()` closes it. */
export function createDb(url: string, options: DbOptions = {}): Db {
  return drizzle(createSql(url, options), { schema }) as Db;
}
