import type { ServerResponse } from 'node:http';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { Db } from '#db/client.ts';
import { authenticateCaller } from '#server/auth/authenticate-caller.ts';
import type { KeyStanding } from '#server/auth/authenticate-key.ts';
import { actorMay, requirePermission } from '#server/auth/require-permission.ts';
import { answerInTime } from '#server/kernel/answer-in-time.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Log } from '#server/kernel/log.ts';
import type { PermissionName } from '#server/kernel/permissions.ts';
import { fromFramework } from './framework-error.ts';
import { isStoreError, problemOf } from './problem.ts';
import { readBody } from './read-body.ts';

/** What a door gets: who asks, and the body as it was meant. */
export interface AgentRequest {
  readonly ctx: Ctx;
  /** Inflated bytes; empty for requests without a body. */
  readonly body: Uint8Array;
  readonly contentType: string | undefined;
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  readonly headers: FastifyRequest['headers'];
}

/** A door that goes on writing: it is handed the raw response and writes its own head. */
export interface StreamResponse {
  /** Throws before the head is written when it cannot begin. */
  readonly stream: (response: ServerResponse) => Promise<void>;
}

/** What a door answers; an object is sent as JSON, bytes as they are. */
export interface AgentResponse {
  readonly status: number;
  readonly body: object | Uint8Array;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface AgentRoute {
  readonly method: 'GET' | 'POST' | 'DELETE';
  readonly url: string;
  /** What the key must hold; of several, any one: the door's verbs ask for the one they need. */
  readonly permission: PermissionName | readonly PermissionName[];
  /** Bound of the inflated body. */
  readonly bodyBytesMax: number;
  /** Of a door that waits on purpose; others answer within `limits.doorAnswerMs`. */
  readonly answerMs?: number;
  readonly handle: (request: AgentRequest) => Promise<AgentResponse | StreamResponse>;
  /**
   * Throws the door's refusal that holds even while no key can be looked up; otherwise a database that
   * is away is all that a caller hears.
   */
  readonly refuseWithoutDatabase?: () => void;
  /** For doors whose errors are not problem+json (OTLP). */
  readonly encodeError?: (
    error: unknown,
    requestId: string,
    contentType: string | undefined,
  ) => AgentResponse;
}

export interface RouteDependencies {
  readonly db: Db;
  readonly log: Log;
}

/**
 * The one wrapper of machine doors: body bounds, key, rate, permission, errors. A door itself only
 * says what it does.
 */
export function registerAgentRoute(
  app: FastifyInstance,
  dependencies: RouteDependencies,
  route: AgentRoute,
): void {
  app.route({
    method: route.method,
    url: route.url,
    bodyLimit: route.bodyBytesMax,
    handler: async (request, reply) => {
      try {
        const answer = await answerRequest(request, dependencies, route);
        return await ('stream' in answer ? stream(reply, answer) : send(reply, answer));
      } catch (error) {
        return sendError(request, reply, dependencies.log, route, error);
      }
    },
    // A body over the bound is refused before the handler; the door's own error form still holds.
    errorHandler: (error, request, reply) => {
      void sendError(request, reply, dependencies.log, route, fromFramework(error));
    },
  });
}

/** Key, permission and door, within the door's time; a silent database counts as one that is away. */
async function answerRequest(
  request: FastifyRequest,
  dependencies: RouteDependencies,
  route: AgentRoute,
): Promise<AgentResponse | StreamResponse> {
  const work = openRequest(request, dependencies, route).then((opened) => route.handle(opened));
  try {
    return await answerInTime(work, route.answerMs ?? limits.doorAnswerMs);
  } catch (error) {
    if (isAppError(error) && error.code === 'store_unavailable') route.refuseWithoutDatabase?.();
    throw error;
  }
}

async function openRequest(
  request: FastifyRequest,
  { db }: RouteDependencies,
  route: AgentRoute,
): Promise<AgentRequest> {
  const key = await authenticate(request, db, route);
  const ctx: Ctx = { ...key, db, requestId: request.id };
  requireAny(ctx, [route.permission].flat());
  const raw = request.body instanceof Uint8Array ? request.body : new Uint8Array();
  return {
    ctx,
    body: await readBody(raw, request.headers['content-encoding'], route.bodyBytesMax),
    contentType: request.headers['content-type'],
    params: stringsOf(request.params),
    query: stringsOf(request.query),
    headers: request.headers,
  };
}

/** @throws AppError `forbidden` for the last of them when the key holds none. */
function requireAny(ctx: Ctx, names: readonly PermissionName[]): void {
  const held = names.find((name) => actorMay(ctx.actor, name));
  const asked = held ?? names.at(-1);
  if (asked !== undefined) requirePermission(ctx, asked);
}

/** The response leaves Fastify only once the door has begun to write, so that a refusal is a problem. */
async function stream(reply: FastifyReply, answer: StreamResponse): Promise<FastifyReply> {
  await answer.stream(reply.raw);
  return reply.hijack();
}

async function authenticate(
  request: FastifyRequest,
  db: Db,
  route: AgentRoute,
): Promise<KeyStanding> {
  try {
    return await authenticateCaller(db, request.headers.authorization, request.ip);
  } catch (error) {
    if (isStoreError(error)) route.refuseWithoutDatabase?.();
    throw error;
  }
}

/** Single-valued strings of a parsed path or query; the first of several counts. */
function stringsOf(given: unknown): Record<string, string> {
  if (typeof given !== 'object' || given === null) return {};
  return Object.fromEntries(
    Object.entries(given).flatMap(([name, value]: [string, unknown]) => {
      const first: unknown = Array.isArray(value) ? value[0] : value;
      return typeof first === 'string' ? [[name, first]] : [];
    }),
  );
}

async function send(reply: FastifyReply, answer: AgentResponse): Promise<FastifyReply> {
  reply.code(answer.status).headers(answer.headers ?? {});
  if (answer.body instanceof Uint8Array) {
    return reply
      .type(answer.contentType ?? 'application/octet-stream')
      .send(Buffer.from(answer.body));
  }
  return reply
    .type(answer.contentType ?? 'application/json; charset=utf-8')
    .send(JSON.stringify(answer.body));
}

async function sendError(
  request: FastifyRequest,
  reply: FastifyReply,
  log: Log,
  route: AgentRoute,
  error: unknown,
): Promise<FastifyReply> {
  const problem = problemOf(error, request.id);
  if (problem.status >= 500)
    log.error({ err: error, requestId: request.id, url: route.url }, 'request failed');
  if (problem.status === 413 && isDiscardable(request)) reply.removeHeader('connection');
  const answer = route.encodeError?.(error, request.id, request.headers['content-type']) ?? {
    status: problem.status,
    body: problem,
    contentType: 'application/problem+json; charset=utf-8',
  };
  return send(reply, { ...answer, headers: { ...errorHeaders(error), ...answer.headers } });
}

/**
 * Whether what is still sent of a body that was refused is read and thrown away. Closed at once, a sender
 * that is still writing sees a broken pipe instead of the refusal, and sends it all again.
 */
function isDiscardable({ headers }: FastifyRequest): boolean {
  return Number(headers['content-length']) <= limits.discardedBodyBytesMax;
}

/** Headers that tell a refused caller when to come back, and how to authenticate. */
export function errorHeaders(error: unknown): Record<string, string> {
  const retryAfterSeconds = isAppError(error) ? error.retryAfterSeconds : null;
  const headers: Record<string, string> = {};
  if (isAppError(error) && error.code === 'rate_limited') {
    headers['ratelimit'] = `"requests";r=0;t=${retryAfterSeconds ?? 1}`;
  }
  if (retryAfterSeconds !== null) headers['retry-after'] = String(retryAfterSeconds);
  else if (isStoreError(error)) headers['retry-after'] = '2';
  if (isAppError(error) && error.code === 'unauthenticated') {
    headers['www-authenticate'] = 'Bearer realm="signalbox"';
  }
  return headers;
}
