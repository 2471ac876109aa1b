import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { RateLimiterMemory } from 'rate-limiter-flexible';
import { consume, countStranger } from '#server/auth/authenticate-caller.ts';
import { errorHeaders } from '#server/http/agent-route.ts';
import { fromFramework } from '#server/http/framework-error.ts';
import { problemOf } from '#server/http/problem.ts';
import { readBody } from '#server/http/read-body.ts';
import { answerInTime } from '#server/kernel/answer-in-time.ts';
import { limits } from '#server/kernel/limits.ts';
import type { Services } from '#server/kernel/services.ts';
import { createProviderSender } from '#server/credentials/provider-request.ts';
import { acceptPush, type ReceiverTools } from '#server/notifications/receive/accept-push.ts';
import type { SetRefusal } from '#server/notifications/receive/contract.ts';
import { createKeysOf } from '#server/notifications/receive/transmitter-keys.ts';

/**
 * `POST /api/v1/security-events/:id`: security events of a registered transmitter, by push (RFC 8935).
 * Whoever asks is known by what they sign and by no key of ours. 202 means done and on record.
 * @param innerHosts `host[:port]` that keys may be fetched from though it is private, or plain http
 */
export function registerSecurityEvents(
  app: FastifyInstance,
  { db, log, url }: Services,
  innerHosts: ReadonlySet<string>,
): void {
  // Flooding control at the door of this process only, and of those that have proven who they are.
  const byTransmitter = new RateLimiterMemory({
    points: limits.securityEventsPerSecondMax,
    duration: 1,
  });
  const tools: ReceiverTools = {
    db,
    url,
    keysOf: createKeysOf(createProviderSender(innerHosts)),
    count: (transmitterId) => consume(byTransmitter, transmitterId),
  };
  const fail = (error: unknown, request: FastifyRequest, reply: FastifyReply) => {
    const problem = problemOf(error, request.id);
    if (problem.status === 400) {
      return refuse(reply, { err: 'invalid_request', description: problem.detail });
    }
    if (problem.status >= 500) log.error({ err: error, requestId: request.id }, 'push failed');
    return reply
      .code(problem.status)
      .headers(errorHeaders(error))
      .type('application/problem+json; charset=utf-8')
      .send(JSON.stringify(problem));
  };
  app.post<{ Params: { id: string } }>('/api/v1/security-events/:id', {
    bodyLimit: limits.securityEventBytesMax,
    handler: async (request, reply) => {
      try {
        const answer = await answerInTime(answerPush(request, tools), limits.doorAnswerMs);
        return answer === null ? reply.code(202).send() : refuse(reply, answer);
      } catch (error) {
        return fail(error, request, reply);
      }
    },
    errorHandler: (error, request, reply) => {
      void fail(fromFramework(error), request, reply);
    },
  });
}

async function answerPush(
  request: FastifyRequest<{ Params: { id: string } }>,
  tools: ReceiverTools,
): Promise<SetRefusal | null> {
  const refusal = await readPush(request, tools);
  // Guessing is slow for whoever guesses, and for nobody else.
  if (refusal !== null) await countStranger(tools.db, request.ip);
  return refusal;
}

async function readPush(
  request: FastifyRequest<{ Params: { id: string } }>,
  tools: ReceiverTools,
): Promise<SetRefusal | null> {
  const { headers, body, params } = request;
  const mediaType = headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/secevent+jwt') {
    return { err: 'invalid_request', description: 'Send it as application/secevent+jwt.' };
  }
  const raw = body instanceof Uint8Array ? body : new Uint8Array();
  const bytes = await readBody(raw, headers['content-encoding'], limits.securityEventBytesMax);
  const token = Buffer.from(bytes).toString('latin1').trim();
  return acceptPush(tools, { transmitterId: params.id, token, requestId: request.id });
}

/** RFC 8935, section 2.3, which asks for the language of the description too. */
function refuse(reply: FastifyReply, refusal: SetRefusal): FastifyReply {
  return reply
    .code(400)
    .header('content-language', 'en')
    .type('application/json; charset=utf-8')
    .send(JSON.stringify(refusal));
}
