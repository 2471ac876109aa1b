import { describe, expect, it } from 'vitest';
import { changeTool } from '#server/agents/change-tool.ts';
import { listTools } from '#server/agents/queries.ts';
import { openArguments } from '#server/approvals/open-arguments.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson } from '#server/testing/factories.ts';
import { ask, makeHoldScene, vote } from '#server/testing/hold-scene.ts';
import { awaitDecision } from './await-decision.ts';
import { redeemPermit } from './redeem-permit.ts';
import { reportOutcome } from './report-outcome.ts';

const bed = openTestDatabase();

const query = {
  type: 'object',
  required: ['sql'],
  additionalProperties: false,
  properties: { sql: { type: 'string' }, rowsMax: { type: 'integer', default: 100 } },
};

async function makeScene(schema: unknown = query) {
  const scene = await makeHoldScene(bed);
  const { tenant } = scene;
  const admin = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  const describeTool = async (name: string, argumentSchema: string | null) => {
    const { items } = await listTools(admin, { limit: 50, cursor: null, search: name });
    const tool = items.find((one) => one.name === name);
    if (!tool) throw new Error(`no tool ${name}`);
    const { id, name: _, origin: __, updatedAt: ___, ...facts } = tool;
    await changeTool(admin, id, { ...facts, argumentSchema });
  };
  for (const name of ['query_database', 'read_file']) {
    await describeTool(name, JSON.stringify(schema));
  }
  const askQuery = (args: Record<string, unknown>, key?: string) =>
    ask(scene, { tool: 'query_database', args }, key);
  const approved = async (id: string, approvalId: string) => {
    const [reviewer] = scene.reviewers;
    if (reviewer) await vote(reviewer, approvalId);
    return awaitDecision(scene.agentCtx, scene.tools, { id, waitSeconds: 0 });
  };
  const redeem = (
    permit: string | null,
    args: Record<string, unknown>,
    key: string | null = null,
  ) => redeemPermit(scene.agentCtx, scene.tools, { permit: permit ?? '', args }, key);
  return { ...scene, admin, describeTool, askQuery, approved, redeem };
}

describe('arguments of a tool with a schema', () => {
  it('are refused before anything is written when they do not fit, and the key stays free', async () => {
    const { tenant, askQuery } = await makeScene();
    const refusal = { code: 'invalid_arguments', extras: { pointer: '/rowsMax' } };
    await expect(askQuery({ sql: 'x', rowsMax: 'many' }, 'k')).rejects.toMatchObject(refusal);
    await expect(askQuery({ sql: 'x', drop: true })).rejects.toThrow(/\/drop: must NOT have/);
    const rows = await bed.admin`select 1 from actions where tenant_id = ${uuidOf(tenant.id)}
      union all select 1 from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'action.decided'`;
    expect(rows).toHaveLength(0);
    expect(await askQuery({ sql: 'x', rowsMax: 3 }, 'k')).toMatchObject({ state: 'held' });
  });

  it('are bound, shown and run with their defaults, sent or left out', async () => {
    const { tools, reviewers, agentCtx, askQuery, approved, redeem } = await makeScene();
    const held = await askQuery({ sql: 'select 1' });
    const approvalId = held.approval?.id ?? '';
    const [reviewer] = reviewers;
    if (!reviewer) throw new Error('a reviewer expected');
    const opened = await openArguments(reviewer, tools, approvalId);
    expect(JSON.parse(opened.canonical)).toEqual({ sql: 'select 1', rowsMax: 100 });
    const { permit } = await approved(held.id, approvalId);
    await expect(redeem(permit, { sql: 'select 1', rowsMax: 101 })).rejects.toMatchObject({
      code: 'args_mismatch',
    });
    await expect(redeem(permit, { sql: 1 })).rejects.toMatchObject({ code: 'args_mismatch' });
    const redeemed = await redeem(permit, { sql: 'select 1' }, 'k');
    expect(redeemed.args).toEqual({ sql: 'select 1', rowsMax: 100 });
    expect(await redeem(permit, { sql: 'select 1' }, 'k')).toEqual(redeemed);
    const outcome = { status: 'succeeded', executedArgs: { sql: 'select 1' } } as const;
    await reportOutcome(agentCtx, tools, held.id, outcome);
    const [row] = await bed.admin`select executed_digest from outcomes
      where action_id = ${uuidOf(held.id)}`;
    expect(row?.['executed_digest']).toBe(opened.digest);
  });

  it('run no more once the schema has changed, whatever was bound', async () => {
    const { describeTool, askQuery, approved, redeem } = await makeScene();
    const held = await askQuery({ sql: 'select 1' });
    const { permit } = await approved(held.id, held.approval?.id ?? '');
    const looser = { ...query, additionalProperties: true };
    await describeTool('query_database', JSON.stringify(looser));
    await expect(redeem(permit, { sql: 'select 1' })).rejects.toMatchObject({
      code: 'schema_changed',
    });
  });

  it('are measured with their defaults: what nobody wrote counts', async () => {
    const { tenant, describeTool, askQuery } = await makeScene();
    const wide = { ...query, properties: { ...query.properties, limit: { default: 1_000_000 } } };
    const narrow = await askQuery({ sql: 'select 1' });
    await describeTool('query_database', JSON.stringify(wide));
    const broad = await askQuery({ sql: 'select 1' });
    expect(broad.risk.score).toBeGreaterThan(narrow.risk.score);
    expect(tenant.id).toBeTruthy();
  });

  it('answer a repeated ask as it was decided, also after the schema has changed', async () => {
    const { describeTool, askQuery } = await makeScene();
    const first = await askQuery({ sql: 'select 1' }, 'k');
    await describeTool('query_database', JSON.stringify({ required: ['other'] }));
    expect((await askQuery({ sql: 'select 1' }, 'k')).id).toBe(first.id);
    await expect(askQuery({ sql: 'select 1' }, 'k2')).rejects.toMatchObject({
      code: 'invalid_arguments',
    });
  });
});
