import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { seedTools } from '#server/agents/seed-tools.ts';
import { createDetector } from '#server/detection/detector.ts';
import { seedRules } from '#server/detection/seed-rules.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventDraft, Finding } from '#server/telemetry/contract.ts';
import { createGroupCommit } from '#server/telemetry/group-commit.ts';
import { createTailRunner, type TailConsumer } from '#server/telemetry/tail-consumer.ts';
import { readTail } from '#server/telemetry/read-tail.ts';
import type { TailEvent } from '#server/telemetry/tail-event.ts';
import { createTailFeed } from '#server/telemetry/tail-feed.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { cliActor, makeAgent, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

type Sent = Partial<EventDraft> & { readonly findings?: readonly Finding[] };

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  await withTransaction(makeCtx(bed.owner, tenant.id, cliActor), async (tx) => {
    const ctx = makeCtx(bed.owner, tenant.id, cliActor);
    await seedTools(tx, ctx);
    await seedRules(tx, ctx);
  });
  const commit = createGroupCommit(bed.app.$client);
  const post = async (...events: Sent[]): Promise<void> => {
    await commit.store(
      tenant.id,
      events.map(({ findings, ...draft }) => {
        const made = makeEvent(agent, draft);
        return { ...made, event: { ...made.event, findings: findings ?? [] } };
      }),
    );
  };
  return { tenantId: tenant.id, agent, post };
}

/** A rule that waits for the end of its window. */
const lonelyCall = `title: Lonely call
name: lonely-call
correlation:
  type: event_count
  rules: [call]
  group-by: [trace.id]
  timespan: 1m
  condition: { lt: 2 }
---
title: Call
name: call
logsource: { product: ai_agent, category: tool_call }
detection: { s: { event.kind: tool_call }, condition: s }
`;

/** Fires on every call that has an argument of untrusted content. */
const linkedCall = `title: Linked call
name: linked-call
logsource: { product: ai_agent, category: tool_call }
detection: { s: { tool.arguments.from_untrusted: true }, condition: s }
signalbox: { group-by: [trace.id] }
`;

interface AlertRow {
  readonly id: string;
  readonly slug: string;
  readonly state: string;
  readonly severity: string;
  readonly count: number;
  readonly events: string[];
  readonly changes: string[];
  readonly trace_ids: string[];
  readonly first_at: string;
  readonly last_at: string;
}

/** Alerts of a tenant by rule, with evidence by event time and changes by position. */
async function alertsOf(tenantId: TenantId, slug?: string): Promise<AlertRow[]> {
  return bed.admin<AlertRow[]>`select a.id::text, r.slug, a.state, a.severity, a.count, a.trace_ids,
      a.first_at::text, a.last_at::text,
      array(select event_id from alert_evidence e where e.alert_id = a.id
        order by started_at, event_id) as events,
      array(select change from alert_changes c where c.alert_id = a.id order by xid, seq) as changes
    from alerts a join rules r on r.id = a.rule_id
    where a.tenant_id = ${uuidOf(tenantId)} and ${slug === undefined ? bed.admin`true` : bed.admin`r.slug = ${slug}`}
    order by r.slug, a.opened_at, a.id`;
}

const trace = (digit: string) => digit.repeat(32);
const at = (second: number, milli = 0) =>
  new Date(Date.UTC(2026, 0, 22, 8, 0, second, milli)).toISOString();

function finding(type: Finding['type'], path: string): Finding {
  return { type, detector: 'd', path, start: 0, end: 1, score: 1, detail: 'd' };
}

const injected = { findings: [finding('injected_instruction', '/output')] };
const body = makeDraft().body;
const untrusted = { body: { ...body, source: { trust: 'untrusted' as const, origin: 'mail' } } };

describe('the detector', () => {
  it('raises alerts of single events, one for each trace, with their evidence', async () => {
    const { tenantId, post } = await makeScene();
    await post(
      { id: 'a1', traceId: trace('a'), startedAt: at(1), ...injected },
      { id: 'a2', traceId: trace('a'), startedAt: at(2), ...injected },
      { id: 'b1', traceId: trace('b'), startedAt: at(3), ...injected },
      { id: 'c1', traceId: trace('c'), startedAt: at(4) },
    );
    await drainTail(bed, createDetector({ log }));
    const found = await alertsOf(tenantId, 'injected-instructions');
    expect(
      found
        .map(({ trace_ids, count, events, changes, severity, state }) => ({
          trace_ids,
          count,
          events,
          changes,
          severity,
          state,
        }))
        .toSorted((a, b) => b.count - a.count),
    ).toEqual([
      {
        trace_ids: [trace('a')],
        count: 2,
        events: ['a1', 'a2'],
        changes: ['opened'],
        severity: 'high',
        state: 'open',
      },
      {
        trace_ids: [trace('b')],
        count: 1,
        events: ['b1'],
        changes: ['opened'],
        severity: 'high',
        state: 'open',
      },
    ]);
    const audit = await bed.admin`select action, risk, actor_label from audit_log
      where tenant_id = ${uuidOf(tenantId)} and action = 'alert.opened'`;
    expect(audit.map((row) => row['actor_label'])).toEqual(['system:detector', 'system:detector']);
  });

  it('follows a sequence over batches, and shows the earlier events as evidence', async () => {
    const { tenantId, post } = await makeScene();
    const detector = createDetector({ log });
    await post({ id: 'read', traceId: trace('a'), startedAt: at(1), ...injected });
    await drainTail(bed, detector);
    expect(await alertsOf(tenantId, 'injection-then-effect')).toEqual([]);
    await post({ id: 'pay', name: 'send_money', traceId: trace('a'), startedAt: at(5) });
    await drainTail(bed, detector);
    expect(await alertsOf(tenantId, 'injection-then-effect')).toMatchObject([
      { severity: 'critical', count: 2, events: ['read', 'pay'], changes: ['opened'] },
    ]);
  });

  it('makes one alert of a burst and lets it grow', async () => {
    const { tenantId, post } = await makeScene();
    const writes = (from: number, to: number): Sent[] =>
      Array.from({ length: to - from }, (_, index) => ({
        id: `w${String(from + index).padStart(3, '0')}`,
        name: 'write_file',
        traceId: trace('a'),
        startedAt: at(0, from + index),
      }));
    await post(...writes(0, 90));
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'write-burst')).toEqual([]);
    await post(...writes(90, 150));
    await drainTail(bed, createDetector({ log }));
    await post(...writes(150, 300));
    await drainTail(bed, createDetector({ log }));
    const [burst, ...others] = await alertsOf(tenantId, 'write-burst');
    expect(others).toEqual([]);
    expect(burst).toMatchObject({ count: 300, changes: ['opened', 'updated'] });
    expect(burst?.events).toHaveLength(limits.alertEvidenceMax);
    expect([burst?.first_at, burst?.last_at]).toEqual([
      '2026-01-22 08:00:00+00',
      '2026-01-22 08:00:00.299+00',
    ]);
  });

  it('is not blinded by an event that is dated into the future', async () => {
    const { tenantId, post } = await makeScene();
    const write = { name: 'write_file', traceId: trace('a') };
    await post({ ...write, id: 'future', startedAt: '2099-01-01T00:00:00.000Z' });
    const now = Date.now();
    await post(
      ...Array.from({ length: 120 }, (_, index) => ({
        ...write,
        startedAt: new Date(now + index).toISOString(),
      })),
    );
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'write-burst')).toHaveLength(1);
  });

  it('gives the same alerts whatever the order of arrival', async () => {
    const events: Sent[] = [
      { id: 'read', traceId: trace('a'), startedAt: at(1), ...injected },
      { id: 'look', traceId: trace('a'), startedAt: at(2) },
      { id: 'pay', name: 'send_money', traceId: trace('a'), startedAt: at(5) },
      { id: 'mail', name: 'send_email', traceId: trace('a'), startedAt: at(9) },
    ];
    const outcomes = [];
    for (const order of [events, events.toReversed()]) {
      const { tenantId, post } = await makeScene();
      for (const event of order) {
        await post(event);
        await drainTail(bed, createDetector({ log }));
      }
      const found = await alertsOf(tenantId);
      outcomes.push(found.map(({ slug, count, events: ids }) => ({ slug, count, ids })));
    }
    expect(outcomes[0]).toEqual(outcomes[1]);
    expect(outcomes[0]?.find(({ slug }) => slug === 'injection-then-effect')?.ids).toEqual([
      'read',
      'pay',
      'mail',
    ]);
  });

  it('opens a new alert after the first was resolved', async () => {
    const { tenantId, post } = await makeScene();
    await post({ id: 'a1', traceId: trace('a'), startedAt: at(1), ...injected });
    await drainTail(bed, createDetector({ log }));
    await bed.admin`update alerts set state = 'resolved', verdict = 'benign'
      where tenant_id = ${uuidOf(tenantId)}`;
    await post({ id: 'a2', traceId: trace('a'), startedAt: at(2), ...injected });
    await drainTail(bed, createDetector({ log }));
    const found = await alertsOf(tenantId, 'injected-instructions');
    expect(found.map(({ state, events }) => [state, events])).toEqual([
      ['resolved', ['a1']],
      ['open', ['a2']],
    ]);
  });

  it('knows a tool’s first use once the agent has habits', async () => {
    const { tenantId, post } = await makeScene();
    const calls = (count: number, name: string, from: number): Sent[] =>
      Array.from({ length: count }, (_, index) => ({ name, startedAt: at(from + index) }));
    await post(...calls(10, 'read_file', 0), { name: 'search', startedAt: at(20) });
    await drainTail(bed, createDetector({ log }));
    await post(...calls(limits.firstUseCallsMin, 'read_file', 100));
    await post({ id: 'new', name: 'send_money', startedAt: at(900) });
    await post({ id: 'again', name: 'send_money', startedAt: at(901) });
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'tool-first-use')).toMatchObject([
      { severity: 'informational', count: 1, events: ['new'] },
    ]);
  });

  it('sees an error rate jump, and not a single failed run', async () => {
    const { tenantId, post } = await makeScene();
    const failing = (count: number, from: number): Sent[] =>
      Array.from({ length: count }, (_, index) => ({
        status: 'error' as const,
        startedAt: at(from + index),
      }));
    await post(...failing(limits.errorRateEventsMin - 1, 0));
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'error-rate-jump')).toEqual([]);
    await post(...failing(3, 30));
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'error-rate-jump')).toMatchObject([{ count: 3 }]);
  });

  it('leaves disabled rules out, and takes a changed rule over at once', async () => {
    const { tenantId, post } = await makeScene();
    const detector = createDetector({ log });
    await bed.admin`update rules set state = 'disabled'
      where tenant_id = ${uuidOf(tenantId)} and slug = 'injected-instructions'`;
    await post({ id: 'a1', traceId: trace('a'), ...injected, ...untrusted });
    await drainTail(bed, detector);
    expect(await alertsOf(tenantId, 'injected-instructions')).toEqual([]);
    await bed.admin`update rules set state = 'enabled', version = 2
      where tenant_id = ${uuidOf(tenantId)} and slug = 'injected-instructions'`;
    await post({ id: 'a2', traceId: trace('a'), ...injected });
    await drainTail(bed, detector);
    expect(await alertsOf(tenantId, 'injected-instructions')).toMatchObject([{ events: ['a2'] }]);
  });

  it('goes on without a rule that does not compile', async () => {
    const { tenantId, post } = await makeScene();
    await bed.admin`update rules set source = 'title: broken', version = 2
      where tenant_id = ${uuidOf(tenantId)} and slug = 'canary-seen'`;
    await post({ id: 'a1', traceId: trace('a'), ...injected });
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'injected-instructions')).toHaveLength(1);
  });

  it('tells a recipient that untrusted content named from one that the user named', async () => {
    const { tenantId, post } = await makeScene();
    const said = (text: string) => ({ ...body, input: text, output: null });
    const mail = (from: string): Sent['body'] => ({
      ...body,
      output: `Invoice. Pay to ${from}.`,
      source: { trust: 'untrusted', origin: 'mail' },
    });
    const pay = (to: string) => ({
      name: 'send_money',
      body: { ...body, input: { recipient: to, amount: 1 } },
    });
    const asked = { kind: 'user_message' as const, name: null };
    await post(
      { ...asked, traceId: trace('a'), startedAt: at(1), body: said('pay the invoice') },
      { id: 'a2', traceId: trace('a'), startedAt: at(2), body: mail('[IBAN:00aa]') },
      { id: 'a3', traceId: trace('a'), startedAt: at(3), ...pay('[IBAN:00aa]') },
      { ...asked, traceId: trace('b'), startedAt: at(1), body: said('pay [IBAN:00bb] as asked') },
      { id: 'b2', traceId: trace('b'), startedAt: at(2), body: mail('[IBAN:00bb]') },
      { id: 'b3', traceId: trace('b'), startedAt: at(3), ...pay('[IBAN:00bb]') },
      { id: 'c2', traceId: trace('c'), startedAt: at(2), body: mail('[IBAN:00aa]') },
      { id: 'c3', traceId: trace('c'), startedAt: at(3), ...pay('[IBAN:00aa]') },
    );
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'untrusted-then-effect')).toMatchObject([
      { severity: 'low', events: ['a2', 'a3'], trace_ids: [trace('a')] },
    ]);
  });

  it('tells arguments of untrusted content, and counts what it could not read among them', async () => {
    const { tenantId, post } = await makeScene();
    await bed.admin`update rules set source = ${linkedCall}, version = 2
      where tenant_id = ${uuidOf(tenantId)} and slug = 'canary-seen'`;
    const mail = (text: string): Sent['body'] => ({
      ...body,
      output: text,
      source: { trust: 'untrusted', origin: 'mail' },
    });
    const write = (content: string) => ({
      name: 'write_file',
      body: { ...body, input: { content } },
    });
    const sent: Sent[] = [
      { id: 'a1', traceId: trace('a'), startedAt: at(1), body: mail('Ref INV-2026-778.') },
      { id: 'a2', traceId: trace('a'), startedAt: at(2), ...write('of inv-2026-778') },
      { id: 'b1', traceId: trace('b'), startedAt: at(1), body: mail('Nothing of it.') },
      { id: 'b2', traceId: trace('b'), startedAt: at(2), ...write('of inv-2026-778') },
      { id: 'c1', traceId: trace('c'), startedAt: at(1), body: mail('Ref INV-2026-778.') },
      { id: 'c2', traceId: trace('c'), startedAt: at(2), ...write('x'), name: 'read_file' },
      { id: 'd1', traceId: trace('d'), startedAt: at(1), body: mail('erased') },
      { id: 'd2', traceId: trace('d'), startedAt: at(2), ...write('of inv-2026-778') },
    ];
    await post(...sent);
    await bed.admin`update event_bodies b set body = null, salt = null from events e
      where e.tenant_id = b.tenant_id and e.seq = b.seq and e.received_on = b.received_on
        and e.tenant_id = ${uuidOf(tenantId)} and e.event_id = 'd1'`;
    await drainTail(bed, createDetector({ log }));
    const found = await alertsOf(tenantId, 'canary-seen');
    expect(found.flatMap(({ events }) => events).toSorted()).toEqual(['a2', 'd2']);
  });

  it('forgets windows that are over and of rules that are gone, and says when it had too many', async () => {
    const { tenantId, post } = await makeScene();
    const tenant = uuidOf(tenantId);
    const event: Sent = { traceId: trace('a'), startedAt: at(1), ...injected };
    await post({ ...event, id: 'a1' });
    await drainTail(bed, createDetector({ log }));
    const [window] = await bed.admin<{ scope: string; state: string }[]>`
      select scope, state::text as state from detector_state
      where tenant_id = ${tenant} and scope like 'window:%injection-then-effect'`;
    if (!window) throw new Error('no window');
    const extra = 7;
    await bed.admin`insert into detector_state (tenant_id, scope, key, state, updated_at)
      select ${tenant}, ${window.scope}, 'old-' || n, ${window.state}::text::jsonb,
        now() - interval '1 minute' from generate_series(1, ${limits.ruleGroupsMax + extra - 1}) n`;
    await bed.admin`insert into detector_state (tenant_id, scope, key, state, updated_at) values
      (${tenant}, ${window.scope}, 'over', '{}', now() - interval '3 hours'),
      (${tenant}, 'window:rul_gone:1:x', 'gone', '{}', now())`;
    await post({ ...event, id: 'a2' });
    await drainTail(bed, createDetector({ log }));
    const left = await bed.admin<{ windows: number; stale: number }[]>`
      select count(*)::int as windows,
        (count(*) filter (where key in ('over', 'gone')))::int as stale
      from detector_state where tenant_id = ${tenant} and scope like 'window:%'
        and (scope = ${window.scope} or key = 'gone')`;
    expect(left).toMatchObject([{ windows: limits.ruleGroupsMax, stale: 0 }]);
    const said = () => bed.admin`select title, severity, count, agent_slug from alerts
      where tenant_id = ${tenant} and title like 'Too many groups%'`;
    expect(await said()).toMatchObject([{ severity: 'medium', count: extra, agent_slug: null }]);
    await bed.admin`insert into detector_state (tenant_id, scope, key, state)
      select ${tenant}, ${window.scope}, 'more-' || n, '{}' from generate_series(1, 3) n`;
    await post({ ...event, id: 'a3' });
    await drainTail(bed, createDetector({ log }));
    expect(await said()).toMatchObject([{ count: extra + 3 }]);
  });

  it('closes a window that waits for its end once it has gone quiet', async () => {
    const { tenantId, post } = await makeScene();
    await bed.admin`update rules set source = ${lonelyCall}, version = 2
      where tenant_id = ${uuidOf(tenantId)} and slug = 'hidden-text'`;
    const now = Date.now();
    await post({ id: 'a1', traceId: trace('a'), startedAt: at(1) });
    await drainTail(bed, createDetector({ log, now: () => now }));
    expect(await alertsOf(tenantId, 'hidden-text')).toEqual([]);
    await bed.admin`update detector_state set updated_at = updated_at - interval '11 minutes'
      where tenant_id = ${uuidOf(tenantId)}`;
    await post({ id: 'z', kind: 'lifecycle', traceId: trace('b'), startedAt: at(1) });
    await drainTail(bed, createDetector({ log, now: () => now + 11 * 60_000 }));
    expect(await alertsOf(tenantId, 'hidden-text')).toMatchObject([{ events: ['a1'], count: 1 }]);
  });

  it('closes it by the clock alone where no event comes any more', async () => {
    const { tenantId, post } = await makeScene();
    await bed.admin`update rules set source = ${lonelyCall}, version = 2
      where tenant_id = ${uuidOf(tenantId)} and slug = 'hidden-text'`;
    await post({ id: 'a1', traceId: trace('a'), startedAt: at(1) });
    let now = Date.now();
    const clock = { ms: 0 };
    const leaderSession = createSql(bed.database.workerUrl, { connectionsMax: 1 });
    const runner = createTailRunner(createDetector({ log, now: () => now }), {
      db: bed.worker,
      feed: createTailFeed(readTail),
      leaderSession,
      log,
      nowMs: () => clock.ms,
    });
    const rest = async (minutes: number) => {
      await bed.admin`update detector_state
        set updated_at = updated_at - make_interval(mins => ${minutes})
        where tenant_id = ${uuidOf(tenantId)}`;
      now += minutes * 60_000;
      clock.ms += minutes * 60_000;
      await settleLog(bed);
      expect(await runner.pass()).toBe(0);
    };
    await settleLog(bed);
    expect(await runner.pass()).toBe(1);
    await rest(9);
    expect(await alertsOf(tenantId, 'hidden-text')).toEqual([]);
    await rest(2);
    expect(await alertsOf(tenantId, 'hidden-text')).toMatchObject([{ events: ['a1'], count: 1 }]);
    await rest(60);
    await runner.close();
    await leaderSession.end();
    expect(await alertsOf(tenantId, 'hidden-text')).toMatchObject([{ changes: ['opened'] }]);
  });

  it('keeps tenants apart', async () => {
    const [one, other] = [await makeScene(), await makeScene()];
    await one.post({ id: 'read', traceId: trace('a'), startedAt: at(1), ...injected });
    await other.post({ id: 'pay', name: 'send_money', traceId: trace('a'), startedAt: at(2) });
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(one.tenantId)).toHaveLength(1);
    expect(await alertsOf(other.tenantId)).toEqual([]);
  });
});

describe('a crash of the detector', () => {
  /** A detector that dies after everything is written and before it is committed. */
  function dying(
    consumer: TailConsumer<TailEvent>,
    state: { deaths: number },
  ): TailConsumer<TailEvent> {
    return {
      ...consumer,
      derive: async (ctx, items, since) => {
        const write = await consumer.derive(ctx, items, since);
        return async (tx) => {
          await write(tx);
          if (state.deaths === 0) return;
          state.deaths -= 1;
          throw new Error('died before the commit');
        };
      },
    };
  }

  it('repeats the batch as if it had never begun', async () => {
    const { tenantId, post } = await makeScene();
    await post({ id: 'read', traceId: trace('a'), startedAt: at(1), ...injected });
    await post({ id: 'pay', name: 'send_money', traceId: trace('a'), startedAt: at(5) });
    await settleLog(bed);
    const state = { deaths: 3 };
    const clock = { ms: 0 };
    const leaderSession = createSql(bed.database.workerUrl, { connectionsMax: 1 });
    const runner = createTailRunner(dying(createDetector({ log }), state), {
      db: bed.worker,
      feed: createTailFeed(readTail),
      leaderSession,
      log,
      nowMs: () => clock.ms,
    });
    // Every failure makes the tenant wait longer; the clock is turned on instead of waited for.
    for (let round = 0; round < 8; round += 1) {
      clock.ms += 10 * 60_000;
      await runner.pass();
    }
    await runner.close();
    await leaderSession.end();
    expect(state.deaths).toBe(0);
    const found = await alertsOf(tenantId);
    expect(found.map(({ slug, count, changes }) => ({ slug, count, changes }))).toEqual([
      { slug: 'injected-instructions', count: 1, changes: ['opened'] },
      { slug: 'injection-then-effect', count: 2, changes: ['opened'] },
    ]);
  });

  it('closes a quiet window again when the batch that closed it has died', async () => {
    const { tenantId, post } = await makeScene();
    await bed.admin`update rules set source = ${lonelyCall}, version = 2
      where tenant_id = ${uuidOf(tenantId)} and slug = 'hidden-text'`;
    await post({ id: 'a1', traceId: trace('a'), startedAt: at(1) });
    let now = Date.now();
    const state = { deaths: 0 };
    const clock = { ms: 0 };
    const leaderSession = createSql(bed.database.workerUrl, { connectionsMax: 1 });
    const runner = createTailRunner(dying(createDetector({ log, now: () => now }), state), {
      db: bed.worker,
      feed: createTailFeed(readTail),
      leaderSession,
      log,
      nowMs: () => clock.ms,
    });
    const pass = async () => {
      await settleLog(bed);
      clock.ms += 10 * 60_000;
      return runner.pass();
    };
    expect(await pass()).toBe(1);
    await bed.admin`update detector_state set updated_at = updated_at - interval '11 minutes'
      where tenant_id = ${uuidOf(tenantId)}`;
    now += 11 * 60_000;
    state.deaths = 1;
    await post({ id: 'z1', kind: 'lifecycle', traceId: trace('b'), startedAt: at(1) });
    expect(await pass()).toBe(0);
    // The same batch without an upkeep, which is not due yet; then one with.
    expect(await pass()).toBe(1);
    now += limits.windowSweepMs;
    await post({ id: 'z2', kind: 'lifecycle', traceId: trace('b'), startedAt: at(2) });
    expect(await pass()).toBe(1);
    await runner.close();
    await leaderSession.end();
    expect(await alertsOf(tenantId, 'hidden-text')).toMatchObject([{ events: ['a1'], count: 1 }]);
  });

  it('lets two detectors run at once without doubling anything', async () => {
    const { tenantId, post } = await makeScene();
    for (let index = 0; index < 40; index += 1) {
      await post({ id: `r${index}`, traceId: trace('a'), startedAt: at(index), ...injected });
    }
    await Promise.all([
      drainTail(bed, createDetector({ log })),
      drainTail(bed, createDetector({ log })),
    ]);
    await drainTail(bed, createDetector({ log }));
    expect(await alertsOf(tenantId, 'injected-instructions')).toMatchObject([{ count: 40 }]);
  });
});
