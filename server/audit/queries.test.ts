import { describe, expect, it } from 'vitest';
import type { Ctx } from '#server/kernel/context.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, keyActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { auditFilterInput } from './contract.ts';
import { listAudit } from './queries.ts';
import { type AuditEntry, writeAudit } from './write-audit.ts';

const bed = openTestDatabase();
const filter = (more: object = {}) => auditFilterInput.parse(more);

async function auditorOf() {
  const tenant = await makeTenant(bed);
  const auditor = await makePerson(bed, tenant.id, ['auditor']);
  const ctx = makeCtx(bed.app, tenant.id, auditor);
  return { tenant, ctx };
}
const write = (ctx: Ctx, entry: AuditEntry) =>
  withTransaction(ctx, (tx) => writeAudit(tx, ctx, entry));
const keyRow = (id: string): AuditEntry => ({
  action: 'key.created',
  subject: { type: 'key', id },
  detail: { name: 'k' },
});

describe('listAudit', () => {
  it('shows what was written, newest first', async () => {
    const { tenant, ctx } = await auditorOf();
    const cli = makeCtx(bed.app, tenant.id, cliActor);
    await write(cli, keyRow('one'));
    await write(cli, { ...keyRow('two'), cause: 'because', risk: 'high', decision: 'allow' });
    const { items, next } = await listAudit(ctx, filter());
    expect(next).toBeNull();
    expect(items).toMatchObject([
      { subjectId: 'two', cause: 'because', risk: 'high', decision: 'allow' },
      {
        subjectId: 'one',
        actorType: 'cli',
        actorId: 'cli:test@localhost',
        onBehalfOf: 'none',
        cause: 'none',
        requestId: cli.requestId,
        detail: { name: 'k' },
      },
    ]);
    expect(items[0]?.at).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  });

  it('narrows by each filter', async () => {
    const { tenant, ctx } = await auditorOf();
    const cli = makeCtx(bed.app, tenant.id, cliActor);
    const person = await makePerson(bed, tenant.id, ['admin']);
    await write(cli, keyRow('one'));
    await write(makeCtx(bed.app, tenant.id, person), {
      action: 'tool.added',
      subject: { type: 'tool', id: 'two' },
    });
    const ids = async (more: object) =>
      (await listAudit(ctx, filter(more))).items.map((row) => row.subjectId);
    const [email, userId] = person.type === 'person' ? [person.email, person.userId] : ['', ''];
    expect(await ids({ actor: userId })).toEqual(['two']);
    expect(await ids({ actor: email.slice(2, 9).toUpperCase() })).toEqual(['two']);
    expect(await ids({ actor: '%' })).toEqual([]);
    expect(await ids({ actorType: 'cli' })).toEqual(['one']);
    expect(await ids({ actions: ['tool.added'] })).toEqual(['two']);
    expect(await ids({ actions: ['tool.added', 'key.created'] })).toEqual(['two', 'one']);
    expect(await ids({ actions: [] })).toEqual(['two', 'one']);
    expect(await ids({ subject: 'one' })).toEqual(['one']);
    expect(await ids({ from: '2020-01-01T00:00:00Z' })).toEqual(['two', 'one']);
    expect(await ids({ from: '2200-01-01T00:00:00Z' })).toEqual([]);
    expect(await ids({ to: '2020-01-01T00:00:00+02:00' })).toEqual([]);
    expect(await ids({ actorType: 'cli', subject: 'two' })).toEqual([]);
  });

  it('pages without losing or repeating a row while others are written', async () => {
    const { tenant, ctx } = await auditorOf();
    const cli = makeCtx(bed.app, tenant.id, cliActor);
    for (let i = 0; i < 9; i++) await write(cli, keyRow(`row-${i}`));
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listAudit>> = await listAudit(
        ctx,
        filter({ limit: 2, cursor }),
      );
      seen.push(...page.items.map((row) => row.subjectId));
      cursor = page.next;
      await write(cli, keyRow('meanwhile'));
    } while (cursor !== null);
    expect(seen).toEqual(Array.from({ length: 9 }, (_, i) => `row-${8 - i}`));
  });

  it.each(['x', '1', '1.', '.1', '1.1;drop', '99999999999999999999.1'])(
    'refuses the cursor %j',
    async (cursor) => {
      const { ctx } = await auditorOf();
      await expect(listAudit(ctx, filter({ cursor }))).rejects.toMatchObject({
        code: 'bad_request',
      });
    },
  );

  it('is for auditors, administrators and responders, in their own tenant', async () => {
    const { tenant, ctx } = await auditorOf();
    await write(makeCtx(bed.app, tenant.id, cliActor), keyRow('one'));
    expect((await listAudit((await auditorOf()).ctx, filter())).items).toEqual([]);
    const others = await makePerson(bed, tenant.id, ['viewer', 'analyst', 'reviewer']);
    for (const actor of [others, keyActor('service')]) {
      await expect(listAudit(makeCtx(bed.app, tenant.id, actor), filter())).rejects.toMatchObject({
        code: 'forbidden',
      });
    }
    for (const role of ['admin', 'responder'] as const) {
      const actor = await makePerson(bed, tenant.id, [role]);
      expect((await listAudit(makeCtx(bed.app, tenant.id, actor), filter())).items).toHaveLength(1);
    }
    expect((await listAudit(ctx, filter())).items).toHaveLength(1);
  });
});
