import { describe, expect, it } from 'vitest';
import type { Role } from '#db/enums.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { keyActor, makeAgent, makeCtx, makePerson, makeTenant } from '#server/testing/factories.ts';
import { assembler } from './assemble-traces.ts';
import type { EventBody, EventDraft, Finding } from './contract.ts';
import { createGroupCommit } from './group-commit.ts';
import { indexer } from './index-search.ts';
import { listTraces, readTrace } from './queries.ts';
import { readActivity, readCounts, readStreamState } from './read-activity.ts';
import { readEvent } from './read-event.ts';
import { readTraceEvents, readTraceFacts } from './read-trace-events.ts';
import { listTracesInputSchema } from './traces/contract.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const other = await makeAgent(bed, tenant.id, 'support-bot');
  const commit = createGroupCommit(bed.app.$client);
  const post = async (
    event: Partial<EventDraft> & { findings?: readonly Finding[] },
    by = agent,
    agentExplicit = true,
  ): Promise<void> => {
    const made = makeEvent(by, event, { agentExplicit, onConflict: 'revise' });
    await commit.store(tenant.id, [
      { ...made, event: { ...made.event, findings: event.findings ?? [] } },
    ]);
  };
  const as = async (...roles: Role[]): Promise<Ctx> =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  return { tenant, agent, other, post, as };
}

const derive = async (): Promise<void> => {
  await drainTail(bed, assembler);
  await drainTail(bed, indexer);
};
const id = (digit: string): string => digit.repeat(32);
const body = (overrides: Partial<EventBody>): EventBody => ({ ...makeDraft().body, ...overrides });

async function idsOf(ctx: Ctx, filters: Record<string, unknown> = {}): Promise<string[]> {
  const page = await listTraces(ctx, listTracesInputSchema.parse(filters));
  return page.items.map((item) => item.id[0] ?? '');
}

async function addEvidence(tenantId: string, traceId: string): Promise<void> {
  const [ruleId, alertId] = [newId('rule'), newId('alert')];
  await bed.admin`insert into rules (tenant_id, id, slug, title, severity, state, source, origin)
    values (${uuidOf(tenantId)}, ${uuidOf(ruleId)}, ${ruleId}, 't', 'high', 'enabled', '', 'custom')`;
  await bed.admin`insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity,
      state, title, explanation, trace_ids, labels, first_at, last_at, count)
    values (${uuidOf(tenantId)}, ${uuidOf(alertId)}, ${uuidOf(ruleId)}, 1, 'g', 'high', 'open', 't',
      '{}', '{}', '{}', now(), now(), 1)`;
  await bed.admin`insert into alert_evidence (tenant_id, alert_id, incarnation, event_xid, event_seq,
      received_on, event_id, trace_id, started_at)
    select ${uuidOf(tenantId)}, ${uuidOf(alertId)}, 1, '1', n, now(), 'e', ${traceId}, now()
    from generate_series(1, 2) as n`;
}

describe('the trace list', () => {
  it('filters by everything that it offers', async () => {
    const { tenant, other, post, as } = await makeScene();
    await post({ traceId: id('a'), sessionId: 's-1', user: 'u-1', name: 'send_money' });
    await post({ traceId: id('b'), status: 'error' }, other);
    await post({ traceId: id('c'), body: body({ source: { trust: 'untrusted', origin: null } }) });
    await post({ traceId: id('d'), body: body({ output: 'a needle in the hay' }) });
    await derive();
    await addEvidence(tenant.id, id('d'));
    const ctx = await as('viewer');
    expect(await idsOf(ctx)).toEqual(['d', 'c', 'b', 'a']);
    expect(await idsOf(ctx, { agent: 'support-bot' })).toEqual(['b']);
    expect(await idsOf(ctx, { tool: 'send_money' })).toEqual(['a']);
    expect(await idsOf(ctx, { session: 's-1' })).toEqual(['a']);
    expect(await idsOf(ctx, { user: 'u-1' })).toEqual(['a']);
    expect(await idsOf(ctx, { hasErrors: true })).toEqual(['b']);
    expect(await idsOf(ctx, { hasUntrusted: true })).toEqual(['c']);
    expect(await idsOf(ctx, { hasAlerts: true })).toEqual(['d']);
    expect(await idsOf(ctx, { q: 'Needle' })).toEqual(['d']);
    expect(await idsOf(ctx, { q: 'needle', agent: 'support-bot' })).toEqual([]);
    expect(await idsOf(ctx, { agent: 'nobody' })).toEqual([]);
    const { receivedAt, alerts } = await readTrace(ctx, id('d'));
    expect(alerts).toBe(1);
    expect(await idsOf(ctx, { from: receivedAt })).toEqual(['d']);
    expect(await idsOf(ctx, { until: receivedAt })).toEqual(['c', 'b', 'a']);
  });

  it('pages without loss or repetition, also between traces of one instant', async () => {
    const { tenant, post, as } = await makeScene();
    for (const digit of '0123456789abcdef') await post({ traceId: id(digit) });
    await derive();
    await bed.admin`update traces set last_received_at = '2026-11-22T08:00:00Z'
      where tenant_id = ${uuidOf(tenant.id)} and id > ${id('7')}`;
    const ctx = await as('analyst');
    const seen: string[] = [];
    let cursor: string | null = null;
    do {
      const page = await listTraces(ctx, listTracesInputSchema.parse({ limit: 3, cursor }));
      seen.push(...page.items.map((item) => item.id[0] ?? ''));
      cursor = page.next;
    } while (cursor !== null);
    expect(seen.toSorted()).toEqual(Array.from('0123456789abcdef'));
    expect(new Set(seen).size).toBe(16);
  });

  it('shows one tenant nothing of another', async () => {
    const [mine, foreign] = [await makeScene(), await makeScene()];
    await foreign.post({ traceId: id('e'), id: 'foreign-1', name: 'needle' });
    await derive();
    const ctx = await mine.as('admin');
    expect(await idsOf(ctx)).toEqual([]);
    expect(await idsOf(ctx, { q: 'needle' })).toEqual([]);
    await expect(readTrace(ctx, id('e'))).rejects.toMatchObject({ code: 'not_found' });
    await expect(readEvent(ctx, 'foreign-1', null)).rejects.toMatchObject({ code: 'not_found' });
    expect(await readTraceEvents(ctx, id('e'))).toEqual({ events: [], isCut: false });
    expect(await readTraceFacts(ctx, id('e'))).toEqual([]);
  });

  it.each(['x', 'now x', `2026-01-01T00:00:00Z ${'a'.repeat(31)}`, "2026-01-01T00:00:00Z '; drop"])(
    'refuses the cursor %j',
    async (cursor) => {
      const { as } = await makeScene();
      const input = listTracesInputSchema.parse({ cursor });
      await expect(listTraces(await as('viewer'), input)).rejects.toMatchObject({
        code: 'bad_request',
      });
    },
  );

  it('refuses a search for nothing, and keys that may not read', async () => {
    const { tenant, as, agent } = await makeScene();
    const input = listTracesInputSchema.parse({ q: '!!' });
    await expect(listTraces(await as('viewer'), input)).rejects.toMatchObject({
      code: 'bad_request',
    });
    const key = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
    const all = listTracesInputSchema.parse({});
    await expect(listTraces(key, all)).rejects.toMatchObject({ code: 'forbidden' });
    await expect(readTraceEvents(key, id('a'))).rejects.toMatchObject({ code: 'forbidden' });
    await expect(readStreamState(key)).rejects.toMatchObject({ code: 'forbidden' });
  });
});

describe('the events of a trace', () => {
  it('come by start, with what they inherit, findings by type and the tool’s effect', async () => {
    const { tenant, post, as, other } = await makeScene();
    await bed.admin`insert into tools (tenant_id, id, name, reversibility, sensitivity, blast_radius,
      effect_class) values (${uuidOf(tenant.id)}, ${uuidOf(newId('tool'))}, 'send_money', 4, 4, 4, 'money')`;
    const finding = { detector: 'd', path: '/output', start: 0, end: 1, score: 1, detail: '…' };
    await post(
      {
        traceId: id('a'),
        id: 'child',
        spanId: '2'.repeat(16),
        parentSpanId: '1'.repeat(16),
        name: 'send_money',
        startedAt: '2026-11-22T08:00:01.000001Z',
        flags: ['truncated'],
        findings: [
          { ...finding, type: 'secret' },
          { ...finding, type: 'pii' },
          { ...finding, type: 'secret' },
        ],
      },
      other,
      false,
    );
    await post({
      traceId: id('a'),
      id: 'root',
      spanId: '1'.repeat(16),
      sessionId: 's-1',
      startedAt: '2026-11-22T08:00:00Z',
      endedAt: null,
    });
    await derive();
    const { events, isCut } = await readTraceEvents(await as('viewer'), id('a'));
    expect(isCut).toBe(false);
    expect(events).toMatchObject([
      { id: 'root', agent: 'billing-bot', endedAtUs: null, effect: null, findings: [] },
      {
        id: 'child',
        agent: 'billing-bot',
        session: 's-1',
        startedAtUs: Date.parse('2026-11-22T08:00:01Z') * 1000 + 1,
        flags: ['truncated'],
        findings: ['secret', 'pii'],
        effect: 'money',
      },
    ]);
  });

  it('say what data they touched to those who may read payloads', async () => {
    const { post, as } = await makeScene();
    const subjects = Array.from({ length: 60 }, (_, index) => `cust-${index}`);
    await post({
      traceId: id('a'),
      id: 'e1',
      body: body({
        usage: { inputTokens: 10, outputTokens: 5 },
        data: { resource: 'accounts/17', classes: ['financial'], subjects, rows: 60 },
        source: { trust: 'untrusted', origin: 'email:inbox/3' },
      }),
    });
    await post({ traceId: id('a'), id: 'e2' });
    await post({ traceId: id('a'), id: 'e3', body: body({ data: { rows: 'many' } }) });
    await derive();
    const facts = await readTraceFacts(await as('analyst'), id('a'));
    expect(facts).toMatchObject([
      {
        eventId: 'e1',
        inputTokens: 10,
        outputTokens: 5,
        origin: 'email:inbox/3',
        data: { resource: 'accounts/17', classes: ['financial'], subjectsTotal: 60, rows: 60 },
      },
      { eventId: 'e3', data: null },
    ]);
    expect(facts[0]?.data?.subjects).toHaveLength(limits.traceFactSubjectsMax);
    await expect(readTraceFacts(await as('viewer'), id('a'))).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('one event', () => {
  it('shows its payload byte for byte, its revisions, and nothing of it to a viewer', async () => {
    const { tenant, post, as } = await makeScene();
    await post({ traceId: id('a'), id: 'e1', body: body({ output: { ['__proto__']: 1 } }) });
    await post({ traceId: id('a'), id: 'e1', body: body({ output: 'second telling' }) });
    await derive();
    const analyst = await as('analyst');
    const latest = await readEvent(analyst, 'e1', null);
    expect(latest).toMatchObject({
      revision: 1,
      identity: 'verified',
      agent: 'billing-bot',
      isAgentInherited: false,
      revisions: [{ revision: 0 }, { revision: 1 }],
    });
    expect(latest.commitment).toMatch(/^[0-9a-f]{64}$/);
    const [stored] = await bed.admin`select body from event_bodies
      where tenant_id = ${uuidOf(tenant.id)} order by seq desc limit 1`;
    expect(latest.body).toEqual({ state: 'shown', text: stored?.body });
    const viewed = await readEvent(await as('viewer'), 'e1', 0);
    expect(viewed.body).toEqual({ state: 'hidden' });
    expect(JSON.stringify(viewed)).not.toContain('second telling');
    await bed.admin`update event_bodies set body = null, salt = null
      where tenant_id = ${uuidOf(tenant.id)}`;
    expect((await readEvent(analyst, 'e1', 1)).body).toEqual({ state: 'erased' });
    await expect(readEvent(analyst, 'e1', 2)).rejects.toMatchObject({ code: 'not_found' });
  });
});

describe('activity', () => {
  it('counts, and tells how far each reader is behind', async () => {
    const { agent, post, as } = await makeScene();
    const ctx = await as('viewer');
    expect(await readStreamState(ctx)).toMatchObject({
      eventsPerSecond: 0,
      lastReceivedAt: null,
      readers: [
        { reader: 'assembler', events: 0, seconds: 0 },
        { reader: 'detector', events: 0, seconds: 0 },
        { reader: 'indexer', events: 0, seconds: 0 },
      ],
    });
    await post({ traceId: id('a') });
    await post({ traceId: id('a'), kind: 'llm_call', status: 'error' });
    await derive();
    const state = await readStreamState(ctx);
    expect(state.readers.map((reader) => reader.events)).toEqual([0, 2, 0]);
    expect(state.readers[1]?.seconds).toBeGreaterThan(0);
    expect(state.lastReceivedAt).not.toBeNull();
    const day = 86_400_000;
    const range = {
      from: new Date(Date.now() - day).toISOString(),
      until: new Date(Date.now() + day).toISOString(),
    };
    expect(await readCounts(ctx, { ...range, stepMinutes: 1440 })).toMatchObject([
      { kind: 'llm_call', events: 1, errors: 1 },
      { kind: 'tool_call', events: 1, errors: 0 },
    ]);
    expect(await readActivity(ctx, range.from)).toEqual([
      { agentId: agent.id, events: 2, errors: 1, openAlerts: 0 },
    ]);
    await expect(
      readCounts(ctx, { from: '2020-01-01T00:00:00Z', until: range.until, stepMinutes: 1 }),
    ).rejects.toMatchObject({ code: 'bad_request' });
  });
});
