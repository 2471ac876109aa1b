import { describe, expect, it } from 'vitest';
import type { Role } from '#db/enums.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { noteStop } from './note-stop.ts';
import { placeStop } from './place-stop.ts';
import { readStop } from './queries.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const as = async (...roles: Role[]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const responder = await as('responder');
  const { id } = await placeStop(responder, {
    scope: { kind: 'tenant' },
    level: 2,
    reason: 'Emergency; the reason follows',
  });
  const notes = () =>
    bed.admin`select subject_id, detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'stop.noted'`;
  return { id, as, responder, notes };
}

describe('noteStop', () => {
  it('keeps the words in one audit row and leaves the stop as it was', async () => {
    const { id, responder, notes } = await makeScene();
    const before = await readStop(responder, id);
    await noteStop(responder, id, 'Invoice 7 carried orders.');
    expect(await notes()).toMatchObject([
      { subject_id: id, detail: { text: 'Invoice 7 carried orders.' } },
    ]);
    expect(await readStop(responder, id)).toEqual(before);
  });

  it('is refused to who may not stop, and finds no stop of another tenant', async () => {
    const mine = await makeScene();
    const other = await makeScene();
    await expect(noteStop(await mine.as('viewer'), mine.id, 'x')).rejects.toMatchObject({
      code: 'forbidden',
    });
    for (const id of [other.id, 'stp_none']) {
      await expect(noteStop(mine.responder, id, 'x')).rejects.toMatchObject({ code: 'not_found' });
    }
    expect(await mine.notes()).toEqual([]);
    expect(await other.notes()).toEqual([]);
  });
});
