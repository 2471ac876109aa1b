import { randomBytes } from 'node:crypto';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { alertDetailSchema, listAlertsInputSchema } from '#server/detection/contract.ts';
import { createDetector } from '#server/detection/detector.ts';
import { listAlerts, readAlert } from '#server/detection/queries.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import type { MintedCanary } from '#server/guard/contract.ts';
import { mintCanaries } from '#server/guard/mint-canaries.ts';
import { registerCanary } from '#server/guard/register-canary.ts';
import { removeCanary } from '#server/guard/remove-canary.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const served = openTestWeb(bed);
const detector = createDetector({ log: pino({ level: 'silent' }) });

async function makeScene() {
  const tenant = await makeTenant(bed);
  const owner = makeCtx(bed.owner, tenant.id, cliActor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  const as = async (role: 'analyst' | 'viewer'): Promise<Ctx> =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, [role]));
  const cli = makeCtx(bed.app, tenant.id, cliActor);
  const { key } = await issueKey(cli, { kind: 'agent', name: 'key', agent: 'mailer', tools: [] });
  /** One call of a tool through the public door, then the detector. */
  const call = async (name: string, fields: object): Promise<void> => {
    const event = {
      id: randomBytes(8).toString('hex'),
      traceId: randomBytes(16).toString('hex'),
      kind: 'tool_call',
      startedAt: '2026-11-22T08:00:00Z',
      name,
      ...fields,
    };
    const answer = await fetch(`${served.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events: [event] }),
    });
    expect(answer.status).toBe(200);
    await drainTail(bed, detector);
    await settleLog(bed);
  };
  return { tenant, analyst: await as('analyst'), viewer: await as('viewer'), call };
}

async function mintFor(ctx: Ctx, form: MintedCanary['form']): Promise<MintedCanary> {
  const wanted = { document: 'Payroll 2026', forms: [form], homes: ['read_hr'] };
  const [minted] = await mintCanaries(ctx, wanted);
  if (!minted) throw new Error('nothing was minted');
  return minted;
}

async function leaksOf(ctx: Ctx) {
  const filters = listAlertsInputSchema.parse({ rule: 'canary-seen' });
  const { items } = await listAlerts(ctx, filters);
  const details = items.map(async ({ id }) => alertDetailSchema.parse(await readAlert(ctx, id)));
  return Promise.all(details);
}

const inBase64 = (text: string) => Buffer.from(`of ${text} only`).toString('base64');
const spacedOut = (text: string) => Array.from(text).join(' ');

describe('a canary that an agent carries out', () => {
  it('opens a critical alert that names it, its disguises and where it was planted', async () => {
    const { analyst, call } = await makeScene();
    const { id, text } = await mintFor(analyst, 'text');
    await call('read_hr', { output: text });
    expect(await leaksOf(analyst)).toEqual([]);

    await call('send_mail', { input: { body: inBase64(text) } });
    await call('send_mail', { input: { body: 'see below' }, output: spacedOut(text) });
    const [alert, ...others] = await leaksOf(analyst);
    expect(others).toEqual([]);
    expect(alert).toMatchObject({ severity: 'critical', agent: 'mailer', count: 2 });
    expect(alert?.canaries).toEqual([
      {
        id,
        disguises: ['unspaced', 'base64'],
        fields: ['input', 'output'],
        planted: {
          state: 'shown',
          name: 'Payroll 2026 (text)',
          document: 'Payroll 2026',
          form: 'text',
          homes: ['read_hr'],
          createdAt: expect.any(String),
          removedAt: null,
        },
      },
    ]);
    expect(JSON.stringify(alert)).not.toContain(/: (\S+)\./.exec(text)?.[1]);

    await removeCanary(analyst, id);
    const [later] = await leaksOf(analyst);
    expect(later?.canaries[0]?.planted).toMatchObject({ removedAt: expect.any(String) });
  });

  it('is told without its document to whoever may not see canaries', async () => {
    const { analyst, viewer, call } = await makeScene();
    const { id, text } = await mintFor(analyst, 'credential');
    await call('send_mail', { input: text });
    const [alert] = await leaksOf(viewer);
    expect(alert?.canaries).toEqual([
      { id, disguises: ['plain'], fields: ['input'], planted: { state: 'withheld' } },
    ]);
    expect(JSON.stringify(alert)).not.toContain('Payroll');
  });

  it('is read from the table of its own tenant', async () => {
    const ours = await makeScene();
    const theirs = await makeScene();
    const foreign = await mintFor(theirs.analyst, 'record');
    const own = { name: 'Row 931', marker: 'blue-heron-4417-quartz', homes: [] };
    await registerCanary(ours.analyst, own);
    await ours.call('send_mail', { input: `${foreign.text} and ${own.marker}` });
    expect(await leaksOf(theirs.analyst)).toEqual([]);
    const [alert] = await leaksOf(ours.analyst);
    expect(alert?.canaries).toMatchObject([
      { planted: { state: 'shown', name: 'Row 931', document: null, form: null, homes: [] } },
    ]);
    // Even if a finding should ever bear a foreign id, nothing of that canary is told.
    await bed.admin`update events set findings = jsonb_set(findings, '{0,detector}',
        to_jsonb(${foreign.id}::text))
      where tenant_id = ${uuidOf(ours.tenant.id)}`;
    const [forged] = await leaksOf(ours.analyst);
    expect(forged?.canaries).toMatchObject([{ id: foreign.id, planted: { state: 'unknown' } }]);
  });
});
