import { describe, expect, it } from 'vitest';
import { withRead } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { readStopSpans } from './read-stop-spans.ts';

const bed = openTestDatabase();
const minute = 60_000;

/** A tenant's stop of an hour ago, under which an agent went first from minute 20 to minute 30. */
async function makeScene() {
  const tenant = await makeTenant(bed);
  const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const [first, other] = [
    await makeAgent(bed, tenant.id, 'first'),
    await makeAgent(bed, tenant.id, 'other'),
  ];
  const stop = await placeStop(ctx, { scope: { kind: 'tenant' }, level: 2, reason: 'all' });
  const [row] = await bed.admin<{ ms: number }[]>`update stops
    set placed_at = now() - interval '1 hour' where id = ${uuidOf(stop.id)}
    returning (extract(epoch from placed_at) * 1000)::float8 as ms`;
  const placedMs = row?.ms ?? 0;
  await bed.admin`insert into stop_resumptions (tenant_id, stop_id, agent_id, at, watched_until, ended_at)
    select tenant_id, id, ${uuidOf(first.id)}, placed_at + interval '20 minutes',
      placed_at + interval '25 minutes', placed_at + interval '30 minutes'
    from stops where id = ${uuidOf(stop.id)}`;
  const isViolated = async (agentId: string, afterMs: number) =>
    withRead(ctx, async (tx) => {
      const spans = await readStopSpans(tx, ctx, [agentId], placedMs - minute);
      const atMs = placedMs + afterMs;
      return spans.isViolatedBy({ agentId, instanceId: 'one', sessionId: null, tool: null, atMs });
    });
  return { first, other, isViolated };
}

describe('work under a stop that let its agent go first', () => {
  it.each([
    ['before it went first', 10 * minute, true],
    ['a moment before, by a clock that is behind', 20 * minute - 2_000, null],
    ['while it went first', 25 * minute, null],
    ['when it was held again, and cannot have heard of it', 30 * minute + 10_000, false],
    ['long after it was held again', 40 * minute, true],
  ])('%s', async (_, afterMs, expected) => {
    const { first, other, isViolated } = await makeScene();
    expect(await isViolated(first.id, afterMs)).toBe(expected);
    expect(await isViolated(other.id, afterMs)).toBe(true);
  });
});
