import { describe, expect, it } from 'vitest';
import { alertFiltersSchema, alertGroupsInputSchema } from '#server/detection/contract.ts';
import { readAlertGroups } from '#server/detection/read-alert-groups.ts';
import { readAlertMatrix } from '#server/detection/read-alert-matrix.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { targetMakers } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
  /** Each alert has a rule of its own, titled as its rule's state and kind say. */
  const alert = async (agent: string | null, severity: string, labels: string[] = []) => {
    const { id } = await targetMakers.alert(bed, tenant.id, `${agent}-${severity}`);
    await bed.admin`update alerts set agent_slug = ${agent}, severity = ${severity},
      labels = ${labels} where id = ${uuidOf(id)}`;
    return id;
  };
  return { viewer, alert };
}

const groups = (ctx: Ctx, input: object) =>
  readAlertGroups(ctx, alertGroupsInputSchema.parse(input));
const cellsOf = async (ctx: Ctx, filters: object) =>
  (await readAlertMatrix(ctx, alertFiltersSchema.parse(filters))).taxonomies.flatMap(
    ({ cells }) => cells,
  );

describe('alerts put together', () => {
  it('by agent: the worst first, then the most, within the filters', async () => {
    const { viewer, alert } = await makeScene();
    await alert('quiet-bot', 'critical');
    await alert('loud-bot', 'high');
    await alert('loud-bot', 'low');
    await alert('calm-bot', 'high');
    await alert(null, 'low');
    expect(
      (await groups(viewer, { by: 'agent' })).map(({ key, alerts, severity }) => [
        key,
        alerts,
        severity,
      ]),
    ).toEqual([
      ['quiet-bot', 1, 'critical'],
      ['loud-bot', 2, 'high'],
      ['calm-bot', 1, 'high'],
      [null, 1, 'low'],
    ]);
    expect(await groups(viewer, { by: 'agent', severities: ['low'] })).toHaveLength(2);
    expect(await groups(viewer, { by: 'agent', states: ['resolved'] })).toEqual([]);
  });

  it('by rule, with its title', async () => {
    const { viewer, alert } = await makeScene();
    const id = await alert('a-bot', 'high');
    await bed.admin`update rules set title = 'Wires', slug = 'wires'
      where id = (select rule_id from alerts where id = ${uuidOf(id)})`;
    expect(await groups(viewer, { by: 'rule' })).toMatchObject([
      { key: 'wires', title: 'Wires', alerts: 1 },
    ]);
  });
});

describe('the matrix', () => {
  it('counts what the list would show, and rules that run', async () => {
    const { viewer, alert } = await makeScene();
    await alert('a-bot', 'high', ['ASI01', 'LLM01:2026']);
    const id = await alert('b-bot', 'low', ['ASI01']);
    await bed.admin`update rules set labels = '{ASI01,ASI02}'
      where id = (select rule_id from alerts where id = ${uuidOf(id)})`;
    const cellOf = async (label: string, filters: object = {}) =>
      (await cellsOf(viewer, filters)).find((cell) => cell.label === label);
    expect(await cellOf('ASI01')).toMatchObject({ alerts: 2, rules: 1 });
    expect(await cellOf('ASI02')).toMatchObject({ alerts: 0, rules: 1 });
    expect(await cellOf('LLM01:2026')).toMatchObject({ alerts: 1, rules: 0 });
    expect(await cellOf('ASI01', { agent: 'b-bot' })).toMatchObject({ alerts: 1 });
    await bed.admin`update rules set state = 'disabled'
      where id = (select rule_id from alerts where id = ${uuidOf(id)})`;
    expect(await cellOf('ASI01')).toMatchObject({ alerts: 2, rules: 0 });
    const theirs = await makeScene();
    expect((await cellsOf(theirs.viewer, {})).every((cell) => cell.alerts + cell.rules === 0)).toBe(
      true,
    );
  });
});
