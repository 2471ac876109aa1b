import { expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx } from '#server/testing/factories.ts';
import { askOf, makeHoldScene } from '#server/testing/hold-scene.ts';
import { isLikelyTainted, noteUpstream } from './tainted-upstreams.ts';

const bed = openTestDatabase();

const inTrace = (number: number, change: { readonly sessionId?: string } = {}) =>
  askOf({ tool: 'read_file', traceId: number.toString(16).padStart(32, '0'), ...change });

async function makeAskers() {
  const [mine, theirs] = [await makeHoldScene(bed), await makeHoldScene(bed)];
  return [mine, theirs].map(({ tenant, agent }) =>
    makeCtx(bed.app, tenant.id, keyActor('agent', agent)),
  );
}

it('knows a trace again, of the same tenant and session only, until it is found clean', async () => {
  const [ctx, foreign] = await makeAskers();
  if (ctx === undefined || foreign === undefined) throw new Error('nobody asks');
  noteUpstream(ctx, inTrace(1), true);
  expect(isLikelyTainted(ctx, inTrace(1))).toBe(true);
  expect(isLikelyTainted(foreign, inTrace(1))).toBe(false);
  expect(isLikelyTainted(ctx, inTrace(2))).toBe(false);
  expect(isLikelyTainted(ctx, inTrace(1, { sessionId: 's' }))).toBe(false);
  noteUpstream(ctx, inTrace(1), false);
  expect(isLikelyTainted(ctx, inTrace(1))).toBe(false);
});

it('keeps nothing of an ask that names neither, and no more than its bound', async () => {
  const [ctx] = await makeAskers();
  if (ctx === undefined) throw new Error('nobody asks');
  const bare = askOf({ tool: 'read_file', derivedFrom: ['an event'] });
  noteUpstream(ctx, bare, true);
  expect(isLikelyTainted(ctx, bare)).toBe(false);
  for (let number = 0; number <= limits.taintedUpstreamsMax; number += 1) {
    noteUpstream(ctx, inTrace(number), true);
  }
  expect(isLikelyTainted(ctx, inTrace(0))).toBe(false);
  expect(isLikelyTainted(ctx, inTrace(limits.taintedUpstreamsMax))).toBe(true);
});
