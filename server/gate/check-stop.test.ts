import { describe, expect, it } from 'vitest';
import type { Role } from '#db/enums.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { checkStop } from './check-stop.ts';
import { placeStop } from './place-stop.ts';
import { listChecks, readStop } from './queries.ts';

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
  const audit = () => bed.admin`select subject_id, detail from audit_log
    where tenant_id = ${uuidOf(tenant.id)} and action = 'stop.checked' order by seq`;
  return { id, as, responder, audit };
}

describe('checkStop', () => {
  it('keeps who looked at what, lets the last word count, and opens nothing', async () => {
    const { id, as, responder, audit } = await makeScene();
    const before = await readStop(responder, id);
    const none = { isDone: false, by: null, at: null };
    expect(await listChecks(responder, id)).toEqual([
      { point: 'cause_known', ...none },
      { point: 'credentials_rotated', ...none },
      { point: 'memory_reviewed', ...none },
      { point: 'rule_added', ...none },
    ]);
    const analyst = await as('analyst');
    await checkStop(responder, { id, point: 'cause_known', isDone: true });
    await checkStop(responder, { id, point: 'rule_added', isDone: true });
    await checkStop(analyst, { id, point: 'rule_added', isDone: false });
    const by = (ctx: typeof analyst) => (ctx.actor.type === 'person' ? ctx.actor.email : '');
    expect(await listChecks(responder, id)).toMatchObject([
      { point: 'cause_known', isDone: true, by: by(responder) },
      { point: 'credentials_rotated', ...none },
      { point: 'memory_reviewed', ...none },
      { point: 'rule_added', isDone: false, by: by(analyst) },
    ]);
    expect(await audit()).toMatchObject([
      { subject_id: id, detail: { point: 'cause_known', isDone: true } },
      { detail: { point: 'rule_added', isDone: true } },
      { detail: { point: 'rule_added', isDone: false } },
    ]);
    expect(await readStop(responder, id)).toEqual(before);
  });

  it('is refused to who may not stop, and finds no stop of another tenant', async () => {
    const mine = await makeScene();
    const other = await makeScene();
    const said = { point: 'cause_known', isDone: true } as const;
    for (const role of ['viewer', 'auditor'] as const) {
      await expect(checkStop(await mine.as(role), { id: mine.id, ...said })).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    for (const id of [other.id, 'stp_none']) {
      await expect(checkStop(mine.responder, { id, ...said })).rejects.toMatchObject({
        code: 'not_found',
      });
    }
    expect(await mine.audit()).toEqual([]);
    expect(await other.audit()).toEqual([]);
  });
});
