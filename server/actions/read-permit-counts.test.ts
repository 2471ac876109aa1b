import { describe, expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { keyActor, makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask, makeHoldScene } from '#server/testing/hold-scene.ts';
import { permitCountsSchema } from './contract.ts';
import { readPermitCounts } from './read-permit-counts.ts';

const bed = openTestDatabase();
const span = {
  from: '2026-11-22T08:00:00.000Z',
  until: '2026-11-22T10:00:00.000Z',
  stepMinutes: 60,
} as const;

async function makeScene() {
  const scene = await makeHoldScene(bed);
  const viewer = await makePerson(bed, scene.tenant.id, ['viewer']);
  /** A permit of that day with these instants. */
  const permit = async (issued: string, expires: string, redeemed: string | null = null) => {
    const { id } = await ask(scene, { tool: 'read_file', args: {} });
    const on = (time: string | null) => (time === null ? null : `2026-11-22T${time}Z`);
    await bed.admin`update permits set issued_at = ${on(issued)}, expires_at = ${on(expires)},
      redeemed_at = ${on(redeemed)} where action_id = ${uuidOf(id)}`;
  };
  return { ...scene, permit, viewer: makeCtx(bed.app, scene.tenant.id, viewer) };
}

describe('readPermitCounts', () => {
  it('counts each once, by its issue, the end excluded, within its tenant', async () => {
    const scene = await makeScene();
    const other = await makeScene();
    await scene.permit('07:59:59.999', '08:01:59', '08:01:00');
    await scene.permit('08:00:00', '08:02:00', '08:01:00');
    await scene.permit('08:20:00', '08:22:00');
    await scene.permit('08:59:30', '09:01:30', '09:00:30');
    await scene.permit('09:59:59.999', '10:01:59');
    await scene.permit('10:00:00', '10:02:00', '10:01:00');
    const counts = await readPermitCounts(scene.viewer, span);
    expect(() => permitCountsSchema.parse(counts)).not.toThrow();
    expect(counts.items.map((item) => [item.at.slice(11, 13), item.what, item.permits])).toEqual([
      ['08', 'redeemed', 2],
      ['08', 'unused', 1],
      ['09', 'unused', 1],
    ]);
    expect((await readPermitCounts(other.viewer, span)).items).toEqual([]);
  });

  it('calls nothing unused that can still be redeemed', async () => {
    const scene = await makeScene();
    await ask(scene, { tool: 'read_file', args: {} });
    const now = Date.now();
    const around = {
      from: new Date(now - 3_600_000).toISOString(),
      until: new Date(now + 3_600_000).toISOString(),
      stepMinutes: 60,
    } as const;
    const { items } = await readPermitCounts(scene.viewer, around);
    expect(items.map(({ what, permits }) => [what, permits])).toEqual([['open', 1]]);
  });

  it('bounds the steps and refuses keys', async () => {
    const { viewer, tenant } = await makeScene();
    const long = { ...span, from: '2020-01-01T00:00:00.000Z', stepMinutes: 1 as const };
    await expect(readPermitCounts(viewer, long)).rejects.toMatchObject({ code: 'bad_request' });
    const service = makeCtx(bed.app, tenant.id, keyActor('service'));
    await expect(readPermitCounts(service, span)).rejects.toMatchObject({ code: 'forbidden' });
  });
});
