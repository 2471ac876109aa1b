import { describe, expect, it } from 'vitest';
import { roles } from '#db/enums.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  keyActor,
  makeCtx,
  makePerson,
  makeTenant,
  systemActor,
} from '#server/testing/factories.ts';
import { type CanaryInput, canaryInput } from './contract.ts';
import { listCanaries, readCanaryTexts } from './queries.ts';
import { createCanaryReader } from './read-canaries.ts';
import { mintCanaries } from './mint-canaries.ts';
import { registerCanary } from './register-canary.ts';
import { removeCanary } from './remove-canary.ts';

const bed = openTestDatabase();
const refused = (code: string) => expect.objectContaining({ code });
const heron: CanaryInput = {
  name: 'Row 931 of the partner list',
  marker: 'blue-heron-4417-quartz',
  homes: ['read_partner_list'],
};

async function analystOf() {
  const tenant = await makeTenant(bed);
  const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['analyst']));
  return { tenant, ctx, ingest: makeCtx(bed.app, tenant.id, keyActor('ingest')) };
}
const page = { limit: 50, cursor: null };

const auditOf = (tenantId: string) =>
  bed.admin<{ action: string; subject_id: string; detail: Record<string, unknown> }[]>`
    select action, subject_id, detail from audit_log
    where tenant_id = ${uuidOf(tenantId)} order by seq`;

describe('what may be a canary', () => {
  it.each<[Partial<CanaryInput>, boolean]>([
    [{}, true],
    [{ homes: [] }, true],
    [{ marker: 'a b c d e f g' }, false],
    [{ marker: '\u200b\u200b\u200b\u200b\u200b\u200b\u200b\u200bab' }, false],
    [{ marker: 'x'.repeat(limits.canaryCharsMax + 1) }, false],
    [{ marker: 'long enough \0 but not storable' }, false],
    [{ name: ' ' }, false],
    [{ homes: [''] }, false],
    [{ homes: Array.from({ length: limits.canaryHomesMax + 1 }, () => 'x') }, false],
  ])('%j: %s', (change, isAllowed) => {
    expect(canaryInput.safeParse({ ...heron, ...change }).success).toBe(isAllowed);
  });
});

describe('the verbs', () => {
  it('register and remove, each with its audit row, which does not tell the marker', async () => {
    const { tenant, ctx } = await analystOf();
    const { id } = await registerCanary(ctx, heron);
    expect((await listCanaries(ctx, page)).items).toMatchObject([{ ...heron, id }]);
    await removeCanary(ctx, id);
    expect((await listCanaries(ctx, page)).items).toEqual([]);
    const audit = await auditOf(tenant.id);
    expect(audit.map((row) => row.action)).toEqual(['canary.registered', 'canary.removed']);
    expect(audit.every((row) => row.subject_id === id)).toBe(true);
    expect(JSON.stringify(audit)).not.toContain(heron.marker);
  });

  it('refuse a marker twice, and take it again once it was removed', async () => {
    const { ctx } = await analystOf();
    const { id } = await registerCanary(ctx, heron);
    await expect(registerCanary(ctx, { ...heron, name: 'again' })).rejects.toEqual(
      refused('conflict'),
    );
    await removeCanary(ctx, id);
    await expect(removeCanary(ctx, id)).rejects.toEqual(refused('not_found'));
    await registerCanary(ctx, heron);
  });

  it('refuse a marker that nothing is left of', async () => {
    const { ctx } = await analystOf();
    for (const marker of ['%41%42%43%44', 'a\u0301\u0302\u0303\u0304\u0305b\u0301\u0302'])
      await expect(registerCanary(ctx, { ...heron, marker })).rejects.toEqual(
        refused('unprocessable'),
      );
    expect((await listCanaries(ctx, page)).items).toEqual([]);
  });

  it('do not reach another tenant, and know no canary that is not there', async () => {
    const mine = await analystOf();
    const theirs = await analystOf();
    const { id } = await registerCanary(theirs.ctx, heron);
    for (const foreign of [id, newId('canary'), 'nonsense'])
      await expect(removeCanary(mine.ctx, foreign)).rejects.toEqual(refused('not_found'));
    expect((await listCanaries(mine.ctx, page)).items).toEqual([]);
    expect(await readCanaryTexts(mine.ingest)).toEqual([]);
    expect(await readCanaryTexts(theirs.ingest)).toMatchObject([{ id, text: heron.marker }]);
    expect(await auditOf(mine.tenant.id)).toEqual([]);
  });

  it('are for analysts only', async () => {
    const { tenant, ctx } = await analystOf();
    const { id } = await registerCanary(ctx, heron);
    for (const actor of [
      await makePerson(
        bed,
        tenant.id,
        roles.filter((role) => role !== 'analyst'),
      ),
      keyActor('ingest'),
      keyActor('service'),
      systemActor,
    ]) {
      const denied = makeCtx(bed.app, tenant.id, actor);
      await expect(registerCanary(denied, heron)).rejects.toEqual(refused('forbidden'));
      await expect(removeCanary(denied, id)).rejects.toEqual(refused('forbidden'));
    }
    const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
    await expect(listCanaries(viewer, page)).rejects.toEqual(refused('forbidden'));
    await expect(readCanaryTexts(ctx)).rejects.toEqual(refused('forbidden'));
    expect(await auditOf(tenant.id)).toHaveLength(1);
  });

  it('list in pages, newest first, none lost or repeated', async () => {
    const { ctx } = await analystOf();
    const made: string[] = [];
    for (let index = 0; index < 5; index += 1)
      made.unshift(
        (await registerCanary(ctx, { ...heron, marker: `${heron.marker}-${index}` })).id,
      );
    const first = await listCanaries(ctx, { limit: 3, cursor: null });
    const second = await listCanaries(ctx, { limit: 3, cursor: first.next });
    expect([...first.items, ...second.items].map((canary) => canary.id)).toEqual(made);
    expect(second.next).toBeNull();
    await expect(listCanaries(ctx, { limit: 3, cursor: 'x' })).rejects.toEqual(
      refused('bad_request'),
    );
  });
});

describe('createCanaryReader', () => {
  it('reads again after its time, and only then', async () => {
    const { ctx, ingest } = await analystOf();
    let nowMs = 0;
    const read = createCanaryReader(() => nowMs);
    expect(await read(ingest)).toBeNull();
    await registerCanary(ctx, heron);
    nowMs = limits.canaryReadMs - 1;
    expect(await read(ingest)).toBeNull();
    nowMs = limits.canaryReadMs;
    const matcher = await read(ingest);
    expect(matcher?.find(`x ${heron.marker.toUpperCase()} y`)).toMatchObject([
      { homes: ['read_partner_list'], form: 'folded' },
    ]);
  });

  it('keeps tenants apart', async () => {
    const mine = await analystOf();
    const theirs = await analystOf();
    await registerCanary(theirs.ctx, heron);
    const read = createCanaryReader(() => 0);
    expect((await read(theirs.ingest))?.size).toBe(1);
    expect(await read(mine.ingest)).toBeNull();
  });

  it('forgets a read that failed', async () => {
    const { ctx, ingest } = await analystOf();
    const read = createCanaryReader(() => 0);
    await expect(read(ctx)).rejects.toEqual(refused('forbidden'));
    expect(await read(ingest)).toBeNull();
  });
});

describe('minting', () => {
  const wanted = {
    document: 'Payroll 2026',
    forms: ['text', 'record'] as const,
    homes: ['read_hr'],
  };
  const input = { ...wanted, forms: [...wanted.forms] };

  it('registers one of each form for a document, which its name tells', async () => {
    const { tenant, ctx } = await analystOf();
    const minted = await mintCanaries(ctx, input);
    expect(minted.map(({ form }) => form)).toEqual(['text', 'record']);
    const { items } = await listCanaries(ctx, page);
    expect(items.map(({ name }) => name).sort()).toEqual([
      'Payroll 2026 (record)',
      'Payroll 2026 (text)',
    ]);
    for (const { id, text } of minted) {
      const canary = items.find((item) => item.id === id);
      expect(text).toContain(canary?.marker);
      expect(canary?.homes).toEqual(['read_hr']);
    }
    expect((await auditOf(tenant.id)).map(({ action }) => action)).toEqual([
      'canary.registered',
      'canary.registered',
    ]);
  });

  it('is refused to others and shows nothing to another tenant', async () => {
    const { tenant, ctx } = await analystOf();
    const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
    await expect(mintCanaries(viewer, input)).rejects.toEqual(refused('forbidden'));
    await mintCanaries(ctx, input);
    const other = await analystOf();
    expect((await listCanaries(other.ctx, page)).items).toEqual([]);
  });
});
