import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { approveRule } from '#server/detection/approve-rule.ts';
import { checkRule } from '#server/detection/check-rule.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { createDetector } from '#server/detection/detector.ts';
import { disableRule } from '#server/detection/disable-rule.ts';
import { exportPack } from '#server/detection/export-pack.ts';
import { importPack } from '#server/detection/import-pack.ts';
import { proposeRule } from '#server/detection/propose-rule.ts';
import { readBacktest } from '#server/detection/read-backtests.ts';
import { listRules, readRule } from '#server/detection/read-rules.ts';
import { createBacktestRunner } from '#server/detection/run-backtests.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { shadowRule } from '#server/detection/shadow-rule.ts';
import { startBacktest } from '#server/detection/start-backtest.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { Finding } from '#server/telemetry/contract.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

const found: Finding = {
  type: 'injected_instruction',
  detector: 'd',
  path: '/output',
  start: 0,
  end: 1,
  score: 1,
  detail: 'd',
};
const hit = '{ event.kind: tool_call, finding.types: [injected_instruction], agent.slug: a }';
const miss = '{ event.kind: tool_call, agent.slug: a }';
const testsOf = (misses: string) => `signalbox:
  tests:
    hits:
${`      - [${hit}, ${hit}]\n`.repeat(3)}    misses:
${`      - [${misses}]\n`.repeat(3)}`;

/** Counts a shipped rule: two of its matches of one agent within ten minutes. */
const repeated = (
  counted = 'injected-instructions',
  name = 'repeated-injections',
) => `title: Repeated injections
name: ${name}
level: high
tags: [owasp.asi01]
correlation:
  type: event_count
  rules: [${counted}]
  group-by: [agent.slug]
  timespan: 10m
  condition: { gte: 2 }
${testsOf(`${hit}, ${miss}`)}`;

/** A rule of one's own with a part that others may count. */
const withPart = (part: string) => `title: Two parts
name: parts
level: low
tags: [owasp.asi01]
logsource: { product: ai_agent, category: tool_call }
detection: { s: { finding.types: injected_instruction }, condition: s }
${testsOf(miss)}---
title: A part
name: ${part}
logsource: { product: ai_agent, category: tool_call }
detection: { s: { finding.types: injected_instruction }, condition: s }
`;

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agents = await Promise.all(
    ['payer', 'mailer'].map((slug) => makeAgent(bed, tenant.id, slug)),
  );
  const owner = makeCtx(bed.owner, tenant.id, cliActor);
  await withTransaction(owner, (tx) => seedRules(tx, owner));
  const person = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const [analyst, admin, viewer] = [
    await person('analyst'),
    await person('admin'),
    await person('viewer'),
  ];
  const commit = createGroupCommit(bed.app.$client);
  let told = 0;
  return {
    tenantId: tenant.id,
    analyst,
    admin,
    viewer,
    save: async (source: string) => (await createRule(analyst, { source })).id,
    /** Injected answers, by agent and minute of one hour; the detector reads them. */
    tell: async (...injected: readonly (readonly [agent: 0 | 1, minute: number])[]) => {
      for (const [at, minute] of injected) {
        told += 1;
        const startedAt = new Date(Date.UTC(2026, 0, 22, 8, minute, told)).toISOString();
        const agent = agents[at];
        if (agent === undefined) throw new Error('no such agent');
        const traceId = told.toString(16).padStart(32, '0');
        const made = makeEvent(agent, { id: `e-${told}`, traceId, startedAt, endedAt: startedAt });
        const event = { ...made.event, findings: [found] };
        await commit.store(tenant.id, [{ ...made, event }]);
      }
      await drainTail(bed, createDetector({ log }));
    },
    backtest: async (source: string) => {
      const { id } = await startBacktest(analyst, { ruleId: null, source, days: 30 });
      const runner = createBacktestRunner({ db: bed.worker, log });
      while (await runner.pass()) continue;
      return readBacktest(analyst, id);
    },
  };
}

const alertsOf = (ctx: Ctx, slug: string) =>
  bed.admin<{ agent: string; events: string[] }[]>`
    select a.explanation->'group'->0->>'value' as agent,
      array(select event_id from alert_evidence e where e.alert_id = a.id order by event_id) as events
    from alerts a join rules r on r.id = a.rule_id
    where a.tenant_id = ${uuidOf(ctx.tenantId)} and r.slug = ${slug} order by 1`;

describe('a correlation over a shipped rule', () => {
  it('opens the same alerts behind the log and over history, also once that is switched off', async () => {
    const { analyst, admin, save, tell, backtest } = await makeScene();
    const id = await save(repeated());
    await approveRule(admin, { id, version: 1 });
    await tell([0, 0], [1, 1], [0, 5], [1, 30]);
    expect(await alertsOf(analyst, 'repeated-injections')).toEqual([
      { agent: 'payer', events: ['e-1', 'e-3'] },
    ]);
    const shipped = (await listRules(analyst)).find(
      (rule) => rule.name === 'injected-instructions',
    );
    await disableRule(admin, shipped?.id ?? '');
    const opened = await alertsOf(analyst, 'injected-instructions');
    await tell([1, 32]);
    expect(await alertsOf(analyst, 'injected-instructions')).toEqual(opened);
    const live = await alertsOf(analyst, 'repeated-injections');
    expect(live).toEqual([
      { agent: 'mailer', events: ['e-4', 'e-5'] },
      { agent: 'payer', events: ['e-1', 'e-3'] },
    ]);
    const { result } = await backtest(repeated());
    expect(result).toMatchObject({
      alerts: live.length,
      matches: live.flatMap(({ events }) => events).length,
    });
    expect(result?.samples.map(({ agent, count }) => [agent, count]).toSorted()).toEqual(
      live.map(({ agent, events }) => [agent, events.length]),
    );
    expect(await readRule(analyst, id)).toMatchObject({
      fault: null,
      counts: [{ name: 'injected-instructions', rule: { state: 'disabled' }, fault: null }],
    });
    expect((await readRule(analyst, shipped?.id ?? '')).countedBy).toMatchObject([{ id }]);
  });

  it('waits as a draft for what is not there, and neither runs nor is tried before', async () => {
    const { analyst, admin, viewer, save } = await makeScene();
    const stranger = await makeScene();
    await approveRule(stranger.admin, { id: await stranger.save(withPart('part')), version: 1 });
    const source = repeated('part');
    const missing = '"part"';
    expect((await checkRule(analyst, source)).missing[0]).toContain(missing);
    const id = await save(source);
    const wanted = { code: 'unprocessable', message: expect.stringContaining(missing) as string };
    await expect(approveRule(admin, { id, version: 1 })).rejects.toMatchObject(wanted);
    await expect(shadowRule(analyst, { id, version: 1, isOn: true })).rejects.toMatchObject(wanted);
    await expect(startBacktest(analyst, { ruleId: id, source, days: 1 })).rejects.toMatchObject(
      wanted,
    );
    await expect(checkRule(viewer, source)).rejects.toMatchObject({ code: 'forbidden' });
    const base = await save(withPart('part'));
    expect((await checkRule(analyst, source)).missing[0]).toContain('has not been approved yet');
    await approveRule(admin, { id: base, version: 1 });
    expect(await checkRule(analyst, source)).toMatchObject({ missing: [], problems: [] });
    await approveRule(admin, { id, version: 1 });
  });

  it('keeps a name that it counts from being taken away, and says so where it is gone', async () => {
    const { analyst, admin, save, tell } = await makeScene();
    const base = await save(withPart('part'));
    await approveRule(admin, { id: base, version: 1 });
    const id = await save(repeated('part'));
    await approveRule(admin, { id, version: 1 });
    await proposeRule(analyst, { id: base, source: withPart('other'), basedOn: null });
    await expect(approveRule(admin, { id: base, version: 2 })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('“Repeated injections” counts this rule') as string,
    });
    await tell([0, 0], [0, 1]);
    expect(await alertsOf(analyst, 'repeated-injections')).toHaveLength(1);
    // As a release could that brings another text of a shipped rule.
    await bed.admin`update rules set source = ${withPart('other')}, version = 9
      where id = ${uuidOf(base)}`;
    await tell([1, 0], [1, 1]);
    expect(await alertsOf(analyst, 'repeated-injections')).toHaveLength(1);
    const gone = expect.stringContaining('There is no rule "part"') as string;
    expect(await readRule(analyst, id)).toMatchObject({ state: 'enabled', fault: gone });
    expect((await listRules(analyst)).filter((rule) => rule.fault !== null)).toMatchObject([
      { id },
    ]);
  });

  it('leaves its home in a pack that says what it needs, and says what is missing elsewhere', async () => {
    const home = await makeScene();
    await approveRule(home.admin, { id: await home.save(withPart('part')), version: 1 });
    const sources = [repeated(), repeated('part', 'over-part')];
    for (const source of sources) await home.save(source);
    const pack = await exportPack(home.viewer, false);
    expect(pack.match(/^# needs: .*$/gm)).toEqual([
      '# needs: "injected-instructions", of injected-instructions, shipped with Signalbox',
    ]);
    const away = await makeScene();
    const alone = pack.slice(pack.indexOf('# rule: over-part'), pack.indexOf('# rule: parts'));
    expect(await importPack(away.analyst, alone)).toMatchObject([
      { name: 'over-part', outcome: 'created', needs: [expect.stringContaining('"part"')] },
    ]);
    const whole = await importPack(away.analyst, pack);
    expect(whole.map(({ name, outcome, needs }) => [name, outcome, needs])).toEqual([
      ['over-part', 'unchanged', ['"part" has not been approved yet.']],
      ['parts', 'created', []],
      ['repeated-injections', 'created', []],
    ]);
  });
});
