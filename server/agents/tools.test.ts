import { describe, expect, it } from 'vitest';
import { effectClasses, roles } from '#db/enums.ts';
import { createTenant } from '#server/auth/create-tenant.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  cliActor,
  keyActor,
  makeCtx,
  makePerson,
  makeTenant,
  systemActor,
} from '#server/testing/factories.ts';
import { addTool } from './add-tool.ts';
import { changeTool } from './change-tool.ts';
import { commonTools, unknownToolFacts } from './common-tools.ts';
import { type ToolInput, toolInput } from './contract.ts';
import { listTools } from './queries.ts';
import { removeTool } from './remove-tool.ts';
import { seedTools } from './seed-tools.ts';
import { readToolTable, toolTableOf } from './tool-facts.ts';

const bed = openTestDatabase();
const refused = (code: string) => expect.objectContaining({ code });

const wire: ToolInput = {
  name: 'wire_transfer',
  description: 'Transfer money abroad',
  reversibility: 4,
  sensitivity: 4,
  blastRadius: 1,
  effectClass: 'money',
  loadBearingFields: ['iban', 'amount'],
  argumentSchema: null,
  isGoverned: false,
};

async function adminOf() {
  const tenant = await makeTenant(bed);
  const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  return { tenant, ctx };
}

const auditOf = (tenantId: string) =>
  bed.admin<{ action: string; subject_id: string; detail: Record<string, unknown> }[]>`
    select action, subject_id, detail from audit_log
    where tenant_id = ${uuidOf(tenantId)} order by seq`;

describe('the common tools', () => {
  it('are about forty, each once, within the bounds of the table', () => {
    expect(commonTools.length).toBeGreaterThanOrEqual(40);
    expect(new Set(commonTools.map((tool) => tool.name)).size).toBe(commonTools.length);
    for (const tool of commonTools) {
      const input = { ...tool, argumentSchema: null, isGoverned: false };
      expect(toolInput.parse(input)).toEqual(input);
    }
    expect(new Set(commonTools.map((tool) => tool.effectClass))).toEqual(new Set(effectClasses));
  });

  it('are graded in agreement with what they do', () => {
    for (const tool of commonTools) {
      if (tool.effectClass === 'read') expect(tool.reversibility).toBe(0);
      if (tool.effectClass === 'money') {
        expect(tool.sensitivity).toBe(4);
        expect(
          tool.loadBearingFields,
          `${tool.name}: every argument of a payment binds`,
        ).toBeNull();
      }
      if (tool.effectClass === 'destructive') expect(tool.reversibility).toBeGreaterThanOrEqual(2);
      if (tool.effectClass === 'outbound' && tool.reversibility > 0) {
        expect(tool.blastRadius + tool.sensitivity).toBeGreaterThanOrEqual(4);
      }
    }
  });
});

describe('tool facts', () => {
  const table = toolTableOf(commonTools);

  it('are those of the exact name', () => {
    expect(table.factsOf('send_email')).toMatchObject({ effectClass: 'outbound', isKnown: true });
    expect(table.factsOf('get_balance')).toMatchObject({ effectClass: 'read', sensitivity: 4 });
  });

  it.each([
    'never_heard_of',
    'Send_Email',
    'evil.read_file',
    'read_file ',
    'read\u200b_file',
    '',
    '__proto__',
    'constructor',
  ])('of %j are the worst of each', (name) => {
    expect(table.factsOf(name)).toEqual({ ...unknownToolFacts, isKnown: false });
    const { reversibility, sensitivity, blastRadius } = table.factsOf(name);
    expect([reversibility, sensitivity, blastRadius]).toEqual([4, 4, 4]);
  });
});

describe('seeding', () => {
  it('happens with the creation of a tenant, under that tenant', async () => {
    const slug = `seeded-${process.pid}`;
    const by = { actor: cliActor, requestId: 'r' };
    const { tenantId } = await createTenant(bed.owner, by, { slug, name: 'S' }, [seedTools]);
    const table = await readToolTable(makeCtx(bed.worker, tenantId, systemActor));
    expect(table.factsOf('send_money')).toMatchObject({ effectClass: 'money', isKnown: true });
    expect((await auditOf(tenantId)).map((row) => row.action)).toEqual([
      'tool.added',
      'tenant.created',
    ]);
    const other = await makeTenant(bed);
    const foreign = await readToolTable(makeCtx(bed.worker, other.id, systemActor));
    expect(foreign.factsOf('send_money').isKnown).toBe(false);
  });
});

describe('the verbs of the table', () => {
  it('add, change and remove, each with what it was and is', async () => {
    const { tenant, ctx } = await adminOf();
    const { id } = await addTool(ctx, wire);
    const { name: _, ...facts } = wire;
    const governed = { ...facts, blastRadius: 3, loadBearingFields: null, isGoverned: true };
    await changeTool(ctx, id, governed);
    const shown = await listTools(ctx, { limit: 1, cursor: null, search: null });
    expect(shown.items).toMatchObject([{ name: 'wire_transfer', isGoverned: true }]);
    expect((await readToolTable(ctx)).factsOf('wire_transfer')).toMatchObject({
      blastRadius: 3,
      loadBearingFields: null,
      isKnown: true,
    });
    await removeTool(ctx, id);
    expect((await readToolTable(ctx)).factsOf('wire_transfer').isKnown).toBe(false);
    const audit = await auditOf(tenant.id);
    expect(audit.map((row) => row.action)).toEqual(['tool.added', 'tool.changed', 'tool.removed']);
    expect(audit.every((row) => row.subject_id === id)).toBe(true);
    expect(audit[1]?.detail).toMatchObject({
      name: 'wire_transfer',
      from: { blastRadius: 1, loadBearingFields: ['iban', 'amount'], isGoverned: false },
      to: { blastRadius: 3, loadBearingFields: null, isGoverned: true },
    });
  });

  it('refuse a name twice, also at once', async () => {
    const { tenant, ctx } = await adminOf();
    const results = await Promise.allSettled([1, 2, 3].map(() => addTool(ctx, wire)));
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1);
    for (const result of results) {
      if (result.status === 'rejected') expect(result.reason).toEqual(refused('conflict'));
    }
    expect(await auditOf(tenant.id)).toHaveLength(1);
  });

  it('do not reach another tenant, and know no tool that is not there', async () => {
    const mine = await adminOf();
    const theirs = await adminOf();
    const { id } = await addTool(theirs.ctx, wire);
    const { name: _, ...facts } = wire;
    for (const foreign of [id, newId('tool'), 'nonsense']) {
      await expect(changeTool(mine.ctx, foreign, facts)).rejects.toEqual(refused('not_found'));
      await expect(removeTool(mine.ctx, foreign)).rejects.toEqual(refused('not_found'));
    }
    expect((await readToolTable(theirs.ctx)).factsOf(wire.name).isKnown).toBe(true);
    expect(await auditOf(mine.tenant.id)).toEqual([]);
  });

  it('are for administrators only', async () => {
    const { tenant, ctx } = await adminOf();
    const { id } = await addTool(ctx, wire);
    const { name: _, ...facts } = wire;
    const others = roles.filter((role) => role !== 'admin');
    for (const actor of [
      await makePerson(bed, tenant.id, others),
      keyActor('service'),
      keyActor('agent'),
      systemActor,
    ]) {
      const denied = makeCtx(bed.app, tenant.id, actor);
      await expect(addTool(denied, { ...wire, name: 'x' })).rejects.toEqual(refused('forbidden'));
      await expect(changeTool(denied, id, facts)).rejects.toEqual(refused('forbidden'));
      await expect(removeTool(denied, id)).rejects.toEqual(refused('forbidden'));
    }
    expect(await auditOf(tenant.id)).toHaveLength(1);
  });
});

describe('listTools', () => {
  it('pages by name without losing or repeating one, and searches literally', async () => {
    const { ctx } = await adminOf();
    const names = ['a_b', 'a%b', 'axb', 'B', 'ä', 'z'];
    for (const name of names) await addTool(ctx, { ...wire, name });
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page: Awaited<ReturnType<typeof listTools>> = await listTools(ctx, {
        limit: 2,
        cursor,
        search: null,
      });
      seen.push(...page.items.map((tool) => tool.name));
      cursor = page.next;
    } while (cursor !== null);
    expect([...seen].sort()).toEqual([...names].sort());
    const found = async (search: string) =>
      (await listTools(ctx, { limit: 10, cursor: null, search })).items.map((tool) => tool.name);
    expect(await found('a_b')).toEqual(['a_b']);
    expect(await found('%')).toEqual(['a%b']);
    expect((await found('AXB')).length).toBe(1);
  });
});
