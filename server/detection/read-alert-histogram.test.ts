import { describe, expect, it } from 'vitest';
import { alertHistogramSchema, type AlertHistogramInput } from '#server/detection/contract.ts';
import { readAlertHistogram } from '#server/detection/read-alert-histogram.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, keyActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';

const bed = openTestDatabase();
const span: AlertHistogramInput = {
  from: '2026-11-22T08:00:00.000Z',
  until: '2026-11-22T10:00:00.000Z',
  stepMinutes: 60,
};

async function makeScene() {
  const tenant = await makeTenant(bed);
  const owner = makeCtx(bed.owner, tenant.id, cliActor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  const viewer = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['viewer']));
  return { tenantId: tenant.id, viewer };
}

/** Puts an alert of this severity into the table, raised at this time of the day. */
async function raise(tenantId: TenantId, severity: string, time: string): Promise<void> {
  const at = `2026-11-22T${time}Z`;
  await bed.admin`
    insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity, state, title,
      explanation, trace_ids, labels, first_at, last_at, opened_at, count)
    select ${uuidOf(tenantId)}, ${uuidOf(newId('alert'))}, id, 1, '', ${severity}, 'open', 't',
      '{}', '{}', '{}', ${at}, ${at}, ${at}, 1
    from rules where tenant_id = ${uuidOf(tenantId)} limit 1`;
}

describe('readAlertHistogram', () => {
  it('counts by step and severity, oldest first, the end excluded', async () => {
    const { tenantId, viewer } = await makeScene();
    for (const [severity, time] of [
      ['high', '07:59:59.999'],
      ['high', '08:00:00'],
      ['high', '08:59:59.999'],
      ['low', '08:30:00'],
      ['critical', '09:00:00'],
      ['low', '10:00:00'],
    ] as const) {
      await raise(tenantId, severity, time);
    }
    const items = await readAlertHistogram(viewer, span);
    expect(() => alertHistogramSchema.parse({ items })).not.toThrow();
    expect(items.map(({ at, severity, alerts }) => [at.slice(11, 13), severity, alerts])).toEqual([
      ['08', 'high', 2],
      ['08', 'low', 1],
      ['09', 'critical', 1],
    ]);
  });

  it('sees nothing of another tenant', async () => {
    const mine = await makeScene();
    const other = await makeScene();
    await raise(other.tenantId, 'high', '08:00:00');
    expect(await readAlertHistogram(mine.viewer, span)).toEqual([]);
  });

  it('refuses whoever may not read alerts, and a span of too many steps', async () => {
    const { tenantId, viewer } = await makeScene();
    const stranger = makeCtx(bed.app, tenantId, keyActor('ingest'));
    await expect(readAlertHistogram(stranger, span)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(
      readAlertHistogram(viewer, { ...span, from: '2026-11-01T00:00:00.000Z', stepMinutes: 1 }),
    ).rejects.toMatchObject({ code: 'bad_request' });
  });
});
