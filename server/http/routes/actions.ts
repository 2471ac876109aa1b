import type { z } from 'zod';
import { answerQuestion } from '#server/actions/answer-question.ts';
import { awaitDecision } from '#server/actions/await-decision.ts';
import { cancelAction } from '#server/actions/cancel-action.ts';
import {
  answerInputSchema,
  askSchema,
  falseBlockInputSchema,
  idempotencyKeySchema,
  outcomeInputSchema,
  redeemInputSchema,
  waitQuerySchema,
} from '#server/actions/contract.ts';
import { decideAction } from '#server/actions/decide-action.ts';
import { redeemPermit } from '#server/actions/redeem-permit.ts';
import { reportFalseBlock } from '#server/actions/report-false-block.ts';
import { reportOutcome } from '#server/actions/report-outcome.ts';
import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { refuseUnderStopFile } from '#server/gate/with-gate.ts';
import type { AgentRequest, AgentRoute } from '#server/http/agent-route.ts';
import { AppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { parseExactJson } from '#server/permits/parse-exact-json.ts';

const bodyBytesMax = limits.requestBodyBytesMax;

/** The doors through which agents ask, wait, redeem and report; contract.md, section 4. */
export function actionRoutes(tools: HoldTools): AgentRoute[] {
  return [askRoute(tools), waitRoute(tools), ...laterRoutes(tools), redeemRoute(tools)];
}

function askRoute(tools: HoldTools): AgentRoute {
  return {
    method: 'POST',
    url: '/api/v1/actions',
    permission: 'actions.ask',
    bodyBytesMax,
    refuseWithoutDatabase: refuseUnderStopFile,
    handle: async (request) => {
      const idempotencyKey = idempotencyKeyOf(request);
      if (idempotencyKey === null) {
        throw new AppError('bad_request', 'Send an Idempotency-Key header; repeat it on a retry.');
      }
      const ask = parseBody(askSchema, request);
      const answer = await decideAction(request.ctx, tools, { ask, idempotencyKey });
      return { status: answer.decision === 'hold' ? 202 : 200, body: answer };
    },
  };
}

function waitRoute(tools: HoldTools): AgentRoute {
  return {
    method: 'GET',
    url: '/api/v1/actions/:id',
    permission: 'actions.ask',
    bodyBytesMax,
    answerMs: limits.doorAnswerMs + limits.decisionWaitSecondsMax * 1000,
    handle: async ({ ctx, params, query }) => {
      const asked = waitQuerySchema.safeParse(query);
      if (!asked.success) {
        throw new AppError(
          'bad_request',
          `wait: a number of seconds from 0 to ${limits.decisionWaitSecondsMax}.`,
        );
      }
      const waitSeconds = asked.data.wait;
      return {
        status: 200,
        body: await awaitDecision(ctx, tools, { id: idOf(params), waitSeconds }),
      };
    },
  };
}

function laterRoutes(tools: HoldTools): AgentRoute[] {
  return [
    {
      method: 'DELETE',
      url: '/api/v1/actions/:id',
      permission: 'actions.ask',
      bodyBytesMax,
      handle: async ({ ctx, params }) => ({
        status: 200,
        body: await cancelAction(ctx, tools, idOf(params)),
      }),
    },
    {
      method: 'POST',
      url: '/api/v1/actions/:id/answer',
      permission: 'actions.ask',
      bodyBytesMax,
      handle: async (request) => {
        const input = parseBody(answerInputSchema, request);
        return {
          status: 200,
          body: await answerQuestion(request.ctx, tools, idOf(request.params), input),
        };
      },
    },
    {
      method: 'POST',
      url: '/api/v1/actions/:id/false-block',
      permission: 'actions.ask',
      bodyBytesMax,
      handle: async (request) => {
        const input = parseBody(falseBlockInputSchema, request);
        return {
          status: 200,
          body: await reportFalseBlock(request.ctx, tools, idOf(request.params), input),
        };
      },
    },
    {
      method: 'POST',
      url: '/api/v1/actions/:id/outcome',
      permission: 'actions.report',
      bodyBytesMax,
      handle: async (request) => {
        const input = parseBody(outcomeInputSchema, request);
        return {
          status: 200,
          body: await reportOutcome(request.ctx, tools, idOf(request.params), input),
        };
      },
    },
  ];
}

function redeemRoute(tools: HoldTools): AgentRoute {
  return {
    method: 'POST',
    url: '/api/v1/permits/redeem',
    permission: 'permits.redeem',
    bodyBytesMax,
    refuseWithoutDatabase: refuseUnderStopFile,
    handle: async (request) => {
      const input = parseBody(redeemInputSchema, request);
      const idempotencyKey = idempotencyKeyOf(request);
      return { status: 200, body: await redeemPermit(request.ctx, tools, input, idempotencyKey) };
    },
  };
}

const idOf = (params: AgentRequest['params']): string => params['id'] ?? '';

/** @throws AppError `bad_request` for a key that is none. */
function idempotencyKeyOf({ headers }: AgentRequest): string | null {
  const given = headers['idempotency-key'];
  if (given === undefined) return null;
  const key = idempotencyKeySchema.safeParse(given);
  if (key.success) return key.data;
  throw new AppError(
    'bad_request',
    `Idempotency-Key: 1 to ${limits.idempotencyKeyCharsMax} printable ASCII characters without blanks.`,
  );
}

/**
 * A body of these doors. What is wrong is named by its place only: the schemas' own sentences quote
 * what was sent, and that may be an argument.
 * @throws AppError `bad_request`, `unprocessable`, `unrepresentable`, `unsupported_media_type`
 */
function parseBody<Schema extends z.ZodType>(
  schema: Schema,
  { body, contentType }: AgentRequest,
): z.output<Schema> {
  const mediaType = contentType?.split(';', 1)[0]?.trim().toLowerCase();
  if (mediaType !== 'application/json') {
    throw new AppError('unsupported_media_type', 'Send the request as application/json.');
  }
  const parsed = schema.safeParse(parseExactJson(body));
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  if (issue?.code === 'unrecognized_keys') {
    throw new AppError('bad_request', 'The body has a member that this door does not know.');
  }
  const place = issue?.path.slice(0, 1).join('') ?? '';
  throw new AppError(
    'bad_request',
    `${place === '' ? 'The body' : place}: missing or not of the form that /api/v1/openapi.json tells.`,
  );
}
