import { fetchRequestHandler } from '@trpc/server/adapters/fetch';
import superjson from 'superjson';
import { z } from 'zod';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Db } from '#db/client.ts';
import { limits } from '#server/kernel/limits.ts';
import {
  publicProcedure,
  type RequestContext,
  router,
  telemetryProcedure,
  tenantProcedure,
} from './init.ts';

const silent = () => new Promise<never>(() => undefined);

const probes = router({
  asks: tenantProcedure.query(() => 'never'),
  works: publicProcedure.mutation(silent),
  tells: telemetryProcedure.mutation(() => 'never'),
  answers: publicProcedure.query(() => 'at once'),
  takes: publicProcedure
    .input(
      z.strictObject({
        name: z.string().max(3),
        of: z.array(z.int()),
        at: z.url('Must be an address.').optional(),
      }),
    )
    .query(() => 'taken'),
});

/** A request whose database is connected and says nothing. */
const unanswered: RequestContext = {
  requestId: 'req-silent',
  db: {} as Db,
  tenantSlug: 'acme',
  openTenant: silent,
  openPerson: silent,
};
const caller = probes.createCaller(unanswered);

/** How a call stands: `waiting`, or the code that it ended with. */
function watch(call: Promise<unknown>) {
  const seen = { state: 'waiting' };
  call.then(
    () => Object.assign(seen, { state: 'answered' }),
    (error: { code: string }) => Object.assign(seen, { state: error.code }),
  );
  return seen;
}

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a procedure under a database that is connected and silent', () => {
  it.each([
    ['who asks is not known yet', () => caller.asks()],
    ['the work has begun', () => caller.works()],
    ['telemetry is brought', () => caller.tells()],
  ])('is refused in time while %s', async (_, call) => {
    const seen = watch(call());
    await vi.advanceTimersByTimeAsync(limits.doorAnswerMs - 1);
    expect(seen.state).toBe('waiting');
    await vi.advanceTimersByTimeAsync(1);
    expect(seen.state).toBe('SERVICE_UNAVAILABLE');
  });

  it('leaves no timer behind where it is answered', async () => {
    expect(await caller.answers()).toBe('at once');
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('a wrong input', () => {
  it.each([
    [{ of: [1] }, 'name: missing.'],
    [{ name: 'four', of: [1] }, 'name: Too big: expected string to have <=3 characters.'],
    [{ name: 'a', of: [1, 'two'] }, 'of.1: Invalid input: expected number, received string.'],
    [{ name: 'a', of: [1], at: 'x' }, 'at: Must be an address.'],
    [{ name: 'a', of: [1], colour: 'red' }, 'The input has a member that this door does not know.'],
    [undefined, 'The input: missing.'],
  ])('is told in one sentence: %j', async (input, sentence) => {
    const asked = encodeURIComponent(JSON.stringify(superjson.serialize(input)));
    const answer = await fetchRequestHandler({
      endpoint: '/api/trpc',
      req: new Request(`http://127.0.0.1/api/trpc/takes?input=${asked}`),
      router: probes,
      createContext: () => unanswered,
    });
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({
      error: {
        json: { message: sentence, data: { code: 'BAD_REQUEST', requestId: 'req-silent' } },
      },
    });
  });
});

describe('a request that no procedure takes', () => {
  const json = { 'content-type': 'application/json' };
  it.each([
    ['GET', 'works', {}, undefined, 405, /^Ask for a change by POST/],
    ['POST', 'takes', json, '{}', 405, /^Ask for a change by POST/],
    ['POST', 'works', json, 'secret', 400, /^The input is not valid JSON\.$/],
    ['POST', 'works', { 'content-type': 'text/plain' }, 'x', 415, /as application\/json\.$/],
  ])('%s %s is told what was wrong with it', async (method, path, headers, body, status, says) => {
    const answer = await fetchRequestHandler({
      endpoint: '/api/trpc',
      req: new Request(`http://127.0.0.1/api/trpc/${path}`, {
        method,
        headers,
        ...(body === undefined ? {} : { body }),
      }),
      router: probes,
      createContext: () => unanswered,
    });
    expect(answer.status).toBe(status);
    expect(await answer.json()).toMatchObject({
      error: { json: { message: expect.stringMatching(says) } },
    });
  });
});
