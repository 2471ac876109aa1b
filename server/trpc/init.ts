import { initTRPC, TRPCError } from '@trpc/server';
import superjson from 'superjson';
import { z } from 'zod';
import type { Db } from '#db/client.ts';
import { answerInTime } from '#server/kernel/answer-in-time.ts';
import type { Ctx, SignedInPerson } from '#server/kernel/context.ts';
import { describeIssue } from '#server/kernel/describe-issue.ts';
import { type ErrorCode, isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { requireStorable } from '#server/kernel/require-storable.ts';
import { isStoreError, statusOf } from '#server/http/problem.ts';

/**
 * What a request brings to a procedure before it is known to be allowed anything. `open` resolves
 * the tenant that the input names and the caller's standing in it: for people from the sign-in row
 * (re-read at every call), for machine keys from the key itself.
 */
export interface RequestContext {
  readonly requestId: string;
  readonly db: Db;
  /** Tenant slug of the `x-signalbox-tenant` header; null for machine keys, which carry their own. */
  readonly tenantSlug: string | null;
  /** @throws AppError `unauthenticated` or `not_found`. */
  readonly openTenant: () => Promise<Ctx>;
  /** @throws AppError `unauthenticated` when there is no valid sign-in. */
  readonly openPerson: () => Promise<SignedInPerson>;
}

const trpcCodes: Readonly<Record<ErrorCode, TRPCError['code']>> = {
  bad_request: 'BAD_REQUEST',
  unauthenticated: 'UNAUTHORIZED',
  forbidden: 'FORBIDDEN',
  not_found: 'NOT_FOUND',
  conflict: 'CONFLICT',
  gone: 'PRECONDITION_FAILED',
  payload_too_large: 'PAYLOAD_TOO_LARGE',
  unsupported_media_type: 'UNSUPPORTED_MEDIA_TYPE',
  unprocessable: 'UNPROCESSABLE_CONTENT',
  rate_limited: 'TOO_MANY_REQUESTS',
  agent_mismatch: 'FORBIDDEN',
  id_conflict: 'CONFLICT',
  store_unavailable: 'SERVICE_UNAVAILABLE',
  halted: 'PRECONDITION_FAILED',
  denied: 'FORBIDDEN',
  self_approval: 'FORBIDDEN',
  expired: 'PRECONDITION_FAILED',
  consumed: 'CONFLICT',
  args_mismatch: 'CONFLICT',
  plan_mismatch: 'CONFLICT',
  policy_changed: 'CONFLICT',
  schema_changed: 'CONFLICT',
  superseded: 'CONFLICT',
  unrepresentable: 'UNPROCESSABLE_CONTENT',
  invalid_arguments: 'UNPROCESSABLE_CONTENT',
  idempotency_mismatch: 'UNPROCESSABLE_CONTENT',
  idempotency_in_flight: 'CONFLICT',
  internal: 'INTERNAL_SERVER_ERROR',
};

/** Of a wrong input the place and what is wrong there, instead of a list for programs or a piece of it. */
function sentenceOf({ cause, message }: TRPCError): string {
  if (cause instanceof SyntaxError) return 'The input is not valid JSON.';
  return cause instanceof z.ZodError ? `${describeIssue(cause.issues[0], 'The input')}.` : message;
}

/** What whoever calls has got wrong before any procedure is asked: nothing of it failed on our side. */
const callersSlips: Partial<Record<TRPCError['code'], string>> = {
  METHOD_NOT_SUPPORTED: 'Ask for a change by POST, and for what is read by GET.',
  UNSUPPORTED_MEDIA_TYPE: 'Send the body as application/json.',
};

const t = initTRPC.context<RequestContext>().create({
  transformer: superjson,
  // Never the stack, whatever NODE_ENV says.
  isDev: false,
  errorFormatter: ({ shape, error, ctx }) => {
    const cause = error.cause;
    const known = isAppError(cause) ? cause : null;
    const isOurs = known !== null || error.code === 'BAD_REQUEST' || error.code === 'NOT_FOUND';
    return {
      ...shape,
      message: isOurs
        ? sentenceOf(error)
        : isStoreError(cause)
          ? 'The database cannot be reached now; try again later.'
          : (callersSlips[error.code] ??
            'Something failed on our side; give the request id to your administrator.'),
      data: {
        ...shape.data,
        // What a subscription throws while it runs passes no middleware, hence here too.
        code: known ? trpcCodes[known.code] : shape.data.code,
        httpStatus: known ? statusOf(known.code) : shape.data.httpStatus,
        appCode: known?.code ?? null,
        extras: known?.extras ?? {},
        requestId: ctx?.requestId ?? null,
      },
    };
  },
});

/** Turns AppErrors into tRPC's codes, in the one place for this transport. */
const mapErrors = t.middleware(async ({ next }) => {
  const result = await next();
  if (result.ok) return result;
  const cause = result.error.cause;
  if (isAppError(cause)) {
    throw new TRPCError({ code: trpcCodes[cause.code], message: cause.message, cause });
  }
  if (isStoreError(cause)) {
    throw new TRPCError({ code: 'SERVICE_UNAVAILABLE', message: 'store_unavailable', cause });
  }
  return result;
});

export const router = t.router;

/** A database that is connected and silent would hold every caller; a stream has its own signs of life. */
const inTime = t.middleware(({ type, next }) =>
  type === 'subscription' ? next() : answerInTime(next(), limits.doorAnswerMs),
);

const storableInput = t.middleware(async ({ getRawInput, next }) => {
  requireStorable(await getRawInput());
  return next();
});

const inTenant = t.middleware(async ({ ctx, next }) => {
  const scope: Ctx = await ctx.openTenant();
  return next({ ctx: { ...ctx, scope } });
});

/** Asks nobody who they are; only for what a stranger may know. */
export const publicProcedure = t.procedure.use(mapErrors).use(inTime).use(storableInput);

/** A signed-in person, before a tenant is chosen. */
export const personProcedure = publicProcedure.use(async ({ ctx, next }) => {
  const person = await ctx.openPerson();
  return next({ ctx: { ...ctx, person } });
});

/** A person or machine key inside one tenant: `ctx.scope` is what verbs and queries take. */
export const tenantProcedure = publicProcedure.use(inTenant);

/** The same for what keeps every text by itself, escaped where it has to be: telemetry. */
export const telemetryProcedure = t.procedure.use(mapErrors).use(inTime).use(inTenant);
