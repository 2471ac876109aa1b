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
});

/** A caller whose database is connected and says nothing. */
const caller = probes.createCaller({
  requestId: 'req-silent',
  db: {} as Db,
  tenantSlug: 'acme',
  openTenant: silent,
  openPerson: silent,
} satisfies RequestContext);

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
