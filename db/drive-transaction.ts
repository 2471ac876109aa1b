import type { Sql } from 'postgres';
import { isFrequent } from './frequent-texts.ts';
import { isLost } from './lost-connection.ts';

/** What a transaction's work asks through: the part of a postgres.js client that drizzle uses. */
export interface TransactionClient {
  readonly unsafe: (
    text: string,
    values?: readonly unknown[],
    options?: QueryOptions,
  ) => Promise<unknown>;
  readonly savepoint: <T>(work: (inner: TransactionClient) => Promise<T>) => Promise<T>;
  /**
   * Asks a prepared statement and commits, sent one behind the other: its rows are answered when
   * they are durable. Where the statement fails, Postgres answers the commit by rolling back.
   */
  readonly last: (text: string, values: readonly unknown[]) => Promise<unknown>;
}

interface QueryOptions {
  readonly prepare?: boolean;
}

/** The parts of postgres.js 3.4.9's own objects that are not in its published types. */
interface PendingQuery extends Promise<unknown> {
  handler: (query: PendingQuery) => void;
  reject: (error: unknown) => void;
  readonly execute: () => PendingQuery;
}

interface Connection {
  /** True when more may be sent before the server has answered. */
  readonly execute: (query: PendingQuery) => boolean | undefined;
  /** Called whenever the server has answered all that was sent and the transaction goes on. */
  reserved: (() => void) | null;
  onclose: ((error: Error) => void) | null;
}

type MakeQuery = (
  text: string,
  values: readonly unknown[],
  options: QueryOptions & { readonly onexecute?: (connection: Connection) => void },
) => PendingQuery;

/** One transaction on the connection that the pool gave it. */
interface Course {
  readonly make: MakeQuery;
  /** What was asked while the server had to answer first, in order. */
  readonly waiting: PendingQuery[];
  /** Rejects when the connection is lost, whatever the work waits for. */
  readonly lost: Promise<never>;
  readonly lose: (error: unknown) => void;
  connection: Connection | null;
  isBlocked: boolean;
  hasBegun: boolean;
  /** Why nothing may be sent any more: the connection is gone, or another's by now. */
  end: unknown;
  savepoints: number;
}

/** The whole transaction, or what is inside one savepoint: a failed question ends it. */
interface Scope {
  failure: unknown;
}

/**
 * Runs `work` in a transaction that begins with `opening`, in as few trips as its questions allow:
 * what `work` asks first goes out together with the opening, and {@link TransactionClient.last} takes
 * the commit along. The library's own `begin` waits for an answer at either end, and a trip to the
 * database costs both sides more processor time than a short statement does.
 *
 * `opening` goes as it is, by the simple protocol: no values from outside, and no statement that can
 * fail, for what follows it is sent already. Where its connection was lost before it was answered,
 * `work` runs once more from its beginning; nothing that it asked has been answered then. (The library
 * gives the last words of a dead connection, 57P01, to the first query of the one in its place.)
 *
 * A transaction whose connection is lost sends nothing any more, as in `surviveLostConnections`.
 * @throws what `work` throws; the first error of its questions; CONNECTION_CLOSED and its like
 */
export async function driveTransaction<T>(
  sql: Sql,
  opening: string,
  work: (client: TransactionClient) => Promise<T>,
): Promise<T> {
  const course = newCourse(sql);
  try {
    return await follow(course, opening, work);
  } catch (error) {
    if (course.hasBegun || !isLost(error)) throw error;
    return follow(newCourse(sql), opening, work);
  }
}

function newCourse(sql: Sql): Course {
  const { promise: lost, reject } = Promise.withResolvers<never>();
  lost.catch(() => undefined);
  const course: Course = {
    make: (...question) => (sql as unknown as { readonly unsafe: MakeQuery }).unsafe(...question),
    waiting: [],
    lost,
    lose: (error) => {
      course.end ??= error;
      for (const query of course.waiting.splice(0)) query.reject(error);
      reject(error instanceof Error ? error : new Error('the connection is lost'));
    },
    connection: null,
    isBlocked: false,
    hasBegun: false,
    end: null,
    savepoints: 0,
  };
  return course;
}

async function follow<T>(
  course: Course,
  opening: string,
  work: (client: TransactionClient) => Promise<T>,
): Promise<T> {
  const { connected, begun } = begin(course, opening);
  await Promise.race([connected, begun]);
  const scope: Scope = { failure: null };
  // Inside a function, or what throws at once would leave the transaction open.
  const start = async () => work(clientOf(course, scope));
  const running = Promise.all([start(), begun]);
  try {
    const [result] = await Promise.race([running, course.lost]);
    if (scope.failure !== null) throw scope.failure;
    if (course.end === null) await finish(course, 'commit');
    return result;
  } catch (error) {
    await begun.catch(() => undefined);
    if (course.end === null) await finish(course, 'rollback').catch(() => undefined);
    throw isLost(course.end) ? course.end : firstOf(scope, error);
  }
}

/** What went wrong first, where all that is known of the rest is that something did (25P02). */
function firstOf(scope: Scope, error: unknown): unknown {
  const isAborted = error instanceof Error && 'code' in error && error.code === '25P02';
  return isAborted ? (scope.failure ?? error) : error;
}

/** Sends the opening; `connected` is had as soon as it is on its way. */
function begin(course: Course, opening: string) {
  const { promise: connected, resolve } = Promise.withResolvers<void>();
  const onexecute = (connection: Connection): void => {
    course.connection = connection;
    connection.onclose = course.lose;
    connection.reserved = () => proceed(course);
    resolve();
  };
  const query = course.make(opening, [], { onexecute });
  const { reject } = query;
  query.reject = (error) => {
    course.end ??= error;
    reject(error);
  };
  const begun = query.execute().then(() => {
    course.hasBegun = true;
  });
  begun.catch(() => undefined);
  return { connected, begun };
}

function clientOf(course: Course, scope: Scope): TransactionClient {
  return {
    unsafe: (text, values = [], options = {}) =>
      ask(course, scope, text, values, { prepare: isFrequent(text), ...options }),
    savepoint: (work) => runInside(course, scope, work),
    last: (text, values) => askLast(course, scope, text, values),
  };
}

/** A question on the transaction's connection; sent when it is awaited. */
function ask(
  course: Course,
  scope: Scope,
  text: string,
  values: readonly unknown[],
  options: QueryOptions,
): PendingQuery {
  const query = course.make(text, values, options);
  const { handler, reject } = query;
  query.handler = Object.assign((self: PendingQuery) => send(course, self), handler);
  query.reject = (error) => {
    scope.failure ??= error;
    if (isLost(error)) course.lose(error);
    reject(error);
  };
  return query;
}

function send(course: Course, query: PendingQuery): void {
  if (course.end !== null) query.reject(course.end);
  else if (course.isBlocked) course.waiting.push(query);
  else transmit(course, query);
}

function transmit(course: Course, query: PendingQuery): void {
  course.isBlocked = course.connection?.execute(query) !== true;
}

function proceed(course: Course): void {
  course.isBlocked = false;
  while (!course.isBlocked) {
    const next = course.waiting.shift();
    if (next === undefined) return;
    transmit(course, next);
  }
}

/** Sends the transaction's end, after which the connection is the pool's again. */
function finish(course: Course, how: 'commit' | 'rollback'): Promise<unknown> {
  const query = ask(course, { failure: null }, how, [], {});
  const { handler } = query;
  query.handler = Object.assign((self: PendingQuery) => {
    handler(self);
    course.end ??= new TypeError('this transaction is over');
  }, handler);
  return query.execute();
}

async function askLast(
  course: Course,
  scope: Scope,
  text: string,
  values: readonly unknown[],
): Promise<unknown> {
  // `execute` sends them in this order; what is only awaited is sent a turn later.
  const asked = ask(course, scope, text, values, { prepare: true }).execute();
  const [answer, committed] = await Promise.allSettled([asked, finish(course, 'commit')]);
  if (answer.status === 'rejected') throw answer.reason;
  if (committed.status === 'rejected') throw committed.reason;
  return answer.value;
}

async function runInside<T>(
  course: Course,
  outer: Scope,
  work: (inner: TransactionClient) => Promise<T>,
): Promise<T> {
  const name = `s${course.savepoints}`;
  course.savepoints += 1;
  await ask(course, outer, `savepoint ${name}`, [], {});
  const scope: Scope = { failure: null };
  try {
    const result = await work(clientOf(course, scope));
    if (scope.failure !== null) throw scope.failure;
    return result;
  } catch (error) {
    await ask(course, outer, `rollback to ${name}`, [], {});
    throw firstOf(scope, error);
  }
}
