import type { Sql, TransactionSql } from 'postgres';
import { isLost, lostError } from './lost-connection.ts';

/** What a transaction knows of its connection. */
interface Link {
  isLost: boolean;
}

/** The parts of postgres.js 3.4.9's own query object that are not in its published types. */
interface PendingQuery {
  handler: (query: PendingQuery) => unknown;
  reject: (error: unknown) => void;
}

type Work = (tx: TransactionSql) => unknown;
type Begin = (options: string, work: Work) => Promise<unknown>;

/** Never settles: the transaction has been rejected already, and nothing may be sent for it. */
const never = () => new Promise<never>(() => undefined);

/** Lets a query of a lost connection fail instead of being sent, and notices when one is lost. */
function watch(query: unknown, link: Link): unknown {
  if (!(query instanceof Promise) || !('handler' in query)) return query;
  const pending = query as unknown as PendingQuery;
  const { handler, reject } = pending;
  pending.reject = (error) => {
    if (isLost(error)) link.isLost = true;
    reject(error);
  };
  pending.handler = Object.assign(
    (self: PendingQuery) => (link.isLost ? self.reject(lostError()) : handler(self)),
    handler,
  );
  return query;
}

function guard(tx: TransactionSql, link: Link): TransactionSql {
  return new Proxy(tx, {
    apply: (target, self, args) => watch(Reflect.apply(target, self, args), link),
    get: (target, key) => {
      const value: unknown = Reflect.get(target, key);
      if (typeof value !== 'function') return value;
      if (key === 'savepoint') {
        return (...args: unknown[]) =>
          Reflect.apply(
            value,
            target,
            args.map((arg) =>
              typeof arg === 'function' ? (inner: TransactionSql) => arg(guard(inner, link)) : arg,
            ),
          );
      }
      return (...args: unknown[]) => watch(Reflect.apply(value, target, args), link);
    },
  });
}

/**
 * Makes transactions of a postgres.js pool survive the loss of their connection. As it stands
 * (3.4.9), the library then writes a further query, or its own `rollback`, to a socket that is null:
 * a TypeError outside every promise, which ends the process whenever Postgres restarts under load
 * (found by the crash campaign). Here a transaction whose connection is gone sends nothing any more;
 * it is rejected by the library itself, with CONNECTION_CLOSED.
 *
 * A transaction that was lost before its work began is begun once more: the library gives the last
 * words of a dead connection (57P01) to the first query of the one that takes its place.
 */
export function surviveLostConnections(sql: Sql): Sql {
  forgiveLostTypeQueries();
  const begin = sql.begin.bind(sql) as Begin;
  const twice = async (start: Begin, options: string, work: Work): Promise<unknown> => {
    const run: Run = { hasBegun: false };
    try {
      return await beginGuarded(start, options, work, run);
    } catch (error) {
      if (run.hasBegun || !isLost(error)) throw error;
      return beginGuarded(start, options, work, run);
    }
  };
  sql.begin = (async (first: string | Work, second?: Work): Promise<unknown> => {
    const [options, work] = typeof first === 'string' ? [first, second] : ['', first];
    if (!work) throw new TypeError('begin needs a function');
    return twice(begin, options, work);
  }) as Sql['begin'];
  return sql;
}

interface Run {
  hasBegun: boolean;
}

const forgiven = Symbol.for('signalbox.lost-type-queries');

/**
 * The library asks every new connection for the types of arrays, in a promise that nobody holds: a
 * connection that is lost at that moment ended the process (found by the crash campaign). The query
 * that waits for this connection is rejected beside it, so nothing is hidden. Any other rejection that
 * nobody handles ends the process as before, unless somebody else listens for those.
 */
function forgiveLostTypeQueries(): void {
  if (forgiven in globalThis) return;
  Object.assign(globalThis, { [forgiven]: true });
  process.on('unhandledRejection', (reason) => {
    if (isLost(reason) && isTypeQuery(reason)) return;
    if (process.listenerCount('unhandledRejection') > 1) return;
    throw reason instanceof Error ? reason : new Error('a rejection that nobody handles');
  });
}

/** The library notes the text of a query on the error that it fails with. */
function isTypeQuery(error: unknown): boolean {
  const query: unknown = error instanceof Error && 'query' in error ? error.query : null;
  return typeof query === 'string' && /from pg_catalog\.pg_type a\s/.test(query);
}

function beginGuarded(begin: Begin, options: string, work: Work, run: Run): Promise<unknown> {
  const link: Link = { isLost: false };
  const outcome = begin(options, async (tx) => {
    run.hasBegun = true;
    try {
      const made = await work(guard(tx, link));
      const result: unknown = Array.isArray(made) ? await Promise.all(made) : made;
      return link.isLost ? await never() : result;
    } catch (error) {
      if (link.isLost) return never();
      throw error;
    }
  });
  // However it ended: what still runs of `work` has no transaction to run in.
  const end = () => {
    link.isLost = true;
  };
  outcome.then(end, end);
  return outcome;
}
