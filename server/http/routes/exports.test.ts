import { describe, expect, it } from 'vitest';
import { writeAudit } from '#server/audit/write-audit.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { makeCallers } from '#server/testing/authorisation-callers.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { exportedLists } from './export-lists.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);

async function makeScene(rows: number) {
  const tenant = await makeTenant(bed);
  const ctx = makeCtx(bed.app, tenant.id, cliActor);
  await withTransaction(ctx, async (tx) => {
    for (let index = 0; index < rows; index++) {
      await writeAudit(tx, ctx, {
        action: index % 2 === 0 ? 'canary.removed' : 'tool.added',
        subject: { type: 'key', id: `=key-${index}` },
        detail: { index },
      });
    }
  });
  const callers = await makeCallers(bed, served, tenant.id);
  const auditor = callers.find((caller) => caller.principal === 'auditor');
  const ask = (query: string, extra: Readonly<Record<string, string>> = {}) =>
    fetch(`${served.url}/api/v1/exports/${query}`, {
      headers: { ...auditor?.headers, ...extra },
    });
  return { tenant, ask };
}

const filterOf = (filter: object) => `filter=${encodeURIComponent(JSON.stringify(filter))}`;

describe('exports', () => {
  it('sends every row of the log that the filter lets through, over all pages, and says so', async () => {
    const rows = 2 * limits.pageItemsMax + 7;
    const { tenant, ask } = await makeScene(2 * rows);
    const filter = { actions: ['canary.removed'] };
    const answer = await ask(`audit?tenant=${tenant.slug}&format=jsonl&${filterOf(filter)}`);
    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toContain('application/jsonl');
    expect(answer.headers.get('content-disposition')).toMatch(
      /^attachment; filename="signalbox-audit-\d{4}-\d\d-\d\d\.jsonl"$/,
    );
    const lines = (await answer.text()).trimEnd().split('\n');
    const told = lines.map((line) => JSON.parse(line) as { action: string; subjectId: string });
    expect(told).toHaveLength(rows);
    expect(new Set(told.map((row) => row.subjectId)).size).toBe(rows);
    expect(told.every((row) => row.action === 'canary.removed')).toBe(true);
    const audited = await bed.admin`select actor_type, subject_id, detail from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'list.exported'`;
    expect(audited).toEqual([
      { actor_type: 'person', subject_id: 'audit', detail: { format: 'jsonl', filter } },
    ]);
  });

  it('writes CSV that no spreadsheet calculates', async () => {
    const { tenant, ask } = await makeScene(2);
    const answer = await ask(`audit?tenant=${tenant.slug}&format=csv`);
    const [head, ...lines] = (await answer.text()).trimEnd().split('\r\n');
    expect(head).toContain('"id","position","at","actorType"');
    expect(lines.filter((line) => line.includes(`"'=key-`))).toHaveLength(2);
    expect(lines.join()).not.toContain('"=');
  });

  it.each([
    ['audit', 'format=xlsx', 400],
    ['audit', '', 400],
    ['audit', `format=csv&${filterOf({ actions: ['no.such'] })}`, 400],
    ['audit', 'format=csv&filter=%7B', 400],
    ['alerts', `format=csv&${filterOf({ rule: 'UPPER' })}`, 400],
    ['secrets', 'format=csv', 404],
  ])('refuses %s?%s', async (list, query, status) => {
    const { tenant, ask } = await makeScene(0);
    const answer = await ask(`${list}?tenant=${tenant.slug}&${query}`);
    expect(answer.status).toBe(status);
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    const audited = await bed.admin`select 1 from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'list.exported'`;
    expect(audited).toHaveLength(0);
  });

  it('is not for other sites, whatever cookie they make the browser send', async () => {
    const { tenant, ask } = await makeScene(1);
    const answer = await ask(`audit?tenant=${tenant.slug}&format=csv`, {
      'sec-fetch-site': 'cross-site',
    });
    expect(answer.status).toBe(403);
  });

  it('says aloud where it was cut, and nothing where it was not', async () => {
    const { tenant } = await makeScene(4);
    const ctx = makeCtx(bed.app, tenant.id, cliActor);
    const { lines, parse } = exportedLists.audit;
    const filter = parse({ actions: ['canary.removed', 'tool.added'] });
    const idsOf = async (rowsMax: number) => {
      const ids: unknown[] = [];
      for await (const line of lines(ctx, filter, rowsMax)) ids.push(line['id']);
      return ids;
    };
    expect(await idsOf(4)).toHaveLength(4);
    const cut = await idsOf(3);
    expect(cut).toHaveLength(4);
    expect(cut[3]).toBe('cut after 3 rows: narrow the filter to see the others');
  });
});
