import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { raiseOverflow } from '#server/detection/raise-overflow.ts';
import { createRuleClock } from '#server/detection/rule-clock.ts';
import { createPackLoader } from '#server/detection/internal/load-pack.ts';
import { buildPack, detectionsFor } from '#server/detection/rule-pack.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { PreparedEvent, readerOf } from '#server/detection/sigma/prepared-event.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';

const event = new PreparedEvent(readerOf({ f: 'a' }));

function detections() {
  const rule = 'title: t\nlogsource: {}\ndetection: { s: { f: a }, condition: s }\n';
  const pack = buildPack(
    ['slow', 'quick'].map((ruleId) => {
      const compiled = compileSource(rule);
      if (!compiled.ok) throw new Error('does not compile');
      return { ruleId, version: 1, rules: compiled.rules };
    }),
  );
  const [slow, quick] = detectionsFor(pack, 'tool_call', event);
  if (slow === undefined || quick === undefined) throw new Error('no rules');
  return { slow, quick };
}

describe('the clock of rules', () => {
  it('stops asking a rule that has used up its time, and it alone', () => {
    const { slow, quick } = detections();
    let ms = 0;
    let stepMs = 0;
    const clock = createRuleClock(() => (ms += stepMs));
    stepMs = limits.ruleBatchMs / 2;
    expect([clock.ask(slow, event), clock.ask(slow, event)]).toEqual([true, true]);
    expect(clock.overruns()).toEqual([]);
    expect([clock.ask(slow, event), clock.ask(slow, event)]).toEqual([false, false]);
    stepMs = 0;
    expect(clock.ask(quick, event)).toBe(true);
    expect(clock.overruns()).toEqual([{ source: slow.source, rule: slow.rule, events: 2 }]);
  });
});

const bed = openTestDatabase();

describe('an overflow of time', () => {
  it('is one alert an hour, beside that of groups, and audited once', async () => {
    const tenant = await makeTenant(bed);
    const seed = makeCtx(bed.owner, tenant.id, cliActor);
    await withTransaction(seed, (tx) => seedRules(tx, seed));
    const detector = { type: 'system', name: 'system:detector' } as const;
    const ctx = makeCtx(bed.worker, tenant.id, detector);
    await withTransaction(ctx, async (tx) => {
      const pack = await createPackLoader(pino({ level: 'silent' })).load(tx, ctx);
      const source = pack.sources.find(({ rules }) => rules[0]?.key === 'pipe-to-interpreter');
      const [rule] = source?.rules ?? [];
      if (source === undefined || rule === undefined) throw new Error('no rule');
      const now = Date.UTC(2026, 0, 22, 8, 30);
      await raiseOverflow(tx, ctx, source, rule, { what: 'time', count: 7, now });
      await raiseOverflow(tx, ctx, source, rule, { what: 'time', count: 5, now: now + 60_000 });
      await raiseOverflow(tx, ctx, source, rule, { what: 'groups', count: 1, now });
    });
    const said = await bed.admin<{ title: string; count: number; description: string }[]>`
      select title, count, explanation->>'description' as description from alerts
      where tenant_id = ${uuidOf(tenant.id)} order by title`;
    expect(said).toMatchObject([
      { title: 'A rule takes too long: Download piped into an interpreter', count: 12 },
      { title: 'Too many groups to watch: Download piped into an interpreter', count: 1 },
    ]);
    expect(said[0]?.description).toContain('was not asked about the rest of the batch');
    const audited = await bed.admin`select 1 from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'alert.opened'`;
    expect(audited).toHaveLength(2);
  });
});
