import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createSql } from '#db/client.ts';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeEvent } from '#server/testing/event-factory.ts';
import { makeAgent, makeTenant } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import { createGroupCommit } from './group-commit.ts';
import { startPosition } from './position.ts';
import { readTail } from './read-tail.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  return { tenantId: tenant.id, agent, commit: createGroupCommit(bed.app.$client) };
}

async function countRows(tenantId: TenantId): Promise<Record<string, number>> {
  const [row] = await bed.admin<Record<string, number>[]>`select
    (select count(*)::int from events where tenant_id = ${uuidOf(tenantId)}) as events,
    (select count(*)::int from event_ids where tenant_id = ${uuidOf(tenantId)}) as ids,
    (select count(*)::int from event_bodies where tenant_id = ${uuidOf(tenantId)}) as bodies`;
  return row ?? {};
}

const statuses = (outcomes: readonly { status: string }[]) => outcomes.map((o) => o.status);

describe('storing events', () => {
  it('keeps every field and the exact bytes of the body', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const awkward = 'quotes " \\ {braces} , NULL \n\t 😀 \u202e ‘x’ \\x41 $1';
    const event = makeEvent(agent, {
      id: 'every-field',
      parentSpanId: 'aaaaaaaaaaaaaaaa',
      sessionId: 'NULL',
      conversationId: 'c{1,2}',
      instanceId: 'pod "3"',
      user: 'u\\42',
      callId: '',
      name: awkward,
      startedAt: '2026-11-22T08:00:00.000123Z',
      endedAt: '2026-11-22T08:00:01.5Z',
      flags: ['truncated', 'clock_skew'],
      body: {
        input: { [awkward]: [awkward, 1.5, null, true] },
        output: awkward,
        error: null,
        usage: { inputTokens: 3 },
        data: null,
        source: { trust: 'untrusted', origin: 'email:1' },
        attributes: { a: { b: [] } },
      },
    });
    expect(statuses(await commit.store(tenantId, [event]))).toEqual(['accepted']);
    await settleLog(bed);
    const [stored] = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    const { agent: _claimed, ...told } = event.event;
    expect(stored).toMatchObject({
      ...told,
      agentId: agent.id,
      agentSlug: 'billing-bot',
      identity: 'verified',
      revision: 0,
    });
  });

  it('keeps bodies apart whatever control characters stand in them', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const texts = ['\u001e', 'a\u001e"b\u001e\\', '', '\u0001\u001f\u001e\u007f', '}{', 'é\u2028'];
    const events = texts.map((text, index) => {
      const event = makeEvent(agent, { id: `control-${index}`, name: text });
      return { ...event, event: { ...event.event, body: { ...event.event.body, output: text } } };
    });
    const outcomes = await commit.store(tenantId, events);
    expect(new Set(statuses(outcomes))).toEqual(new Set(['accepted']));
    await settleLog(bed);
    const stored = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(stored.map((event) => [event.name, event.body?.output])).toEqual(
      texts.map((text) => [text, text]),
    );
  });

  it('tells new events from known ones in one group', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const known = makeEvent(agent, { id: 'known' });
    await commit.store(tenantId, [known]);
    const changed = { ...known, event: { ...known.event, name: 'other' } };
    const fresh = makeEvent(agent, { id: 'fresh' });
    const outcomes = await commit.store(tenantId, [fresh, changed, fresh]);
    expect(statuses(outcomes)).toEqual(['accepted', 'conflict', 'duplicate']);
    expect(outcomes[0]).toMatchObject({ position: { incarnation: expect.any(Number) } });
    expect(await countRows(tenantId)).toEqual({ events: 2, ids: 2, bodies: 2 });
  });

  it('counts the same event as a duplicate, also with other key order', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const event = makeEvent(agent, { id: 'one' });
    const body = { ...event.event.body, input: { b: 1, a: 2 } };
    const first = { ...event, event: { ...event.event, body } };
    const again = { ...event, event: { ...event.event, body: { ...body, input: { a: 2, b: 1 } } } };
    expect(statuses(await commit.store(tenantId, [first]))).toEqual(['accepted']);
    expect(statuses(await commit.store(tenantId, [first]))).toEqual(['duplicate']);
    expect(statuses(await commit.store(tenantId, [again]))).toEqual(['duplicate']);
    expect(await countRows(tenantId)).toEqual({ events: 1, ids: 1, bodies: 1 });
  });

  it.each([
    ['body', { body: { ...makeEvent({ id: '', slug: '' }).event.body, output: 'other' } }],
    ['name', { name: 'write_file' }],
    ['status', { status: 'error' as const }],
  ])('refuses the same id with another %s', async (_what, change) => {
    const { tenantId, agent, commit } = await makeScene();
    const event = makeEvent(agent, { id: 'one' });
    await commit.store(tenantId, [event]);
    const other = { ...event, event: { ...event.event, ...change } };
    expect(statuses(await commit.store(tenantId, [other]))).toEqual(['conflict']);
    expect(await countRows(tenantId)).toEqual({ events: 1, ids: 1, bodies: 1 });
  });

  it('keeps another body of a span as a revision, and knows each of them again', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const event = makeEvent(agent, { id: 't:s' }, { onConflict: 'revise' });
    const revised = { ...event, event: { ...event.event, status: 'error' as const } };
    expect(statuses(await commit.store(tenantId, [event]))).toEqual(['accepted']);
    expect(statuses(await commit.store(tenantId, [revised]))).toEqual(['accepted']);
    expect(statuses(await commit.store(tenantId, [revised, event]))).toEqual([
      'duplicate',
      'duplicate',
    ]);
    await settleLog(bed);
    const tail = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(tail.map((stored) => [stored.revision, stored.status])).toEqual([
      [0, 'ok'],
      [1, 'error'],
    ]);
  });

  it('settles the same id twice in one group', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const event = makeEvent(agent, { id: 'twin' });
    const other = { ...event, event: { ...event.event, name: 'other' } };
    const outcomes = await commit.store(tenantId, [event, event, other]);
    expect(statuses(outcomes)).toEqual(['accepted', 'duplicate', 'conflict']);
  });

  it('counts any repeat as a duplicate once the payload is erased', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const event = makeEvent(agent, { id: 'gone' });
    await commit.store(tenantId, [event]);
    await bed.admin`update event_bodies set salt = null, body = null
      where tenant_id = ${uuidOf(tenantId)}`;
    const other = { ...event, event: { ...event.event, name: 'other' } };
    expect(statuses(await commit.store(tenantId, [other]))).toEqual(['duplicate']);
    await settleLog(bed);
    const [stored] = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(stored?.body.input).toBeNull();
  });

  it('loses only the one event that Postgres refuses', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const events = Array.from({ length: 9 }, (_, index) => makeEvent(agent, { id: `e${index}` }));
    events[4] = makeEvent(agent, { id: 'bad', startedAt: 'never' });
    const outcomes = statuses(await commit.store(tenantId, events));
    expect(outcomes.filter((status) => status === 'accepted')).toHaveLength(8);
    expect(outcomes[4]).toBe('failed');
    expect(await countRows(tenantId)).toEqual({ events: 8, ids: 8, bodies: 8 });
  });

  it('stores each event once when sixteen senders race with the same ids', async () => {
    const { tenantId, agent } = await makeScene();
    const ids = Array.from({ length: 50 }, () => randomBytes(8).toString('hex'));
    const events = ids.map((id) =>
      makeEvent(agent, { id, traceId: '0'.repeat(31).concat('1'), spanId: null }),
    );
    const commits = Array.from({ length: 16 }, () => createGroupCommit(bed.app.$client));
    const results = await Promise.all(
      commits.map((commit, index) =>
        commit.store(tenantId, index % 2 === 0 ? events : events.toReversed()),
      ),
    );
    const flat = results.flat().map((outcome) => outcome.status);
    expect(flat.filter((status) => status === 'accepted')).toHaveLength(50);
    expect(flat.filter((status) => status === 'duplicate')).toHaveLength(15 * 50);
    expect(await countRows(tenantId)).toEqual({ events: 50, ids: 50, bodies: 50 });
  });

  it('writes nothing under another tenant than the one it names', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const other = await makeTenant(bed);
    await commit.store(tenantId, [makeEvent(agent)]);
    expect(await countRows(other.id)).toEqual({ events: 0, ids: 0, bodies: 0 });
    expect(await readTail(bed.worker.$client, other.id, startPosition, 10)).toEqual([]);
  });

  it('makes missing partitions by itself', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const [today] = await bed.admin<
      { day: string }[]
    >`select to_char(now() at time zone 'utc', 'YYYYMMDD') as day`;
    const parts = await bed.admin<{ name: string; rows: number }[]>`
      select relname as name, 0 as rows from pg_class where relname = ${`events_${today?.day}`}`;
    expect(parts).toHaveLength(1);
    // Only an empty day can be dropped: this test's database holds nothing that it needs again.
    for (const parent of ['events', 'event_bodies', 'event_search']) {
      await bed.admin.unsafe(`drop table ${parent}_${today?.day}`);
    }
    expect(statuses(await commit.store(tenantId, [makeEvent(agent)]))).toEqual(['accepted']);
  });
});

describe('the tail', () => {
  it('skips nothing of a transaction that commits late, and keeps one order', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const slow = createSql(bed.database.appUrl, { connectionsMax: 1 });
    const blocked = Promise.withResolvers<void>();
    const opened = Promise.withResolvers<void>();
    const late = slow.begin(async (tx) => {
      // An early transaction id, taken before the events below are stored.
      await tx`select pg_current_xact_id()`;
      opened.resolve();
      await blocked.promise;
    });
    await opened.promise;
    await commit.store(tenantId, [makeEvent(agent, { id: 'after' })]);
    expect(await readTail(bed.worker.$client, tenantId, startPosition, 10)).toEqual([]);
    blocked.resolve();
    await late;
    await slow.end();
    await settleLog(bed);
    const tail = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(tail.map((event) => event.id)).toEqual(['after']);
    const [only] = tail;
    expect(await readTail(bed.worker.$client, tenantId, only?.at ?? startPosition, 10)).toEqual([]);
  });

  it('pages through everything exactly once', async () => {
    const { tenantId, agent, commit } = await makeScene();
    for (let round = 0; round < 5; round++) {
      await commit.store(
        tenantId,
        Array.from({ length: 7 }, (_, index) => makeEvent(agent, { id: `${round}.${index}` })),
      );
    }
    await settleLog(bed);
    const seen: string[] = [];
    let at = startPosition;
    for (;;) {
      const page = await readTail(bed.worker.$client, tenantId, at, 4);
      if (page.length === 0) break;
      seen.push(...page.map((event) => event.id));
      at = page.at(-1)?.at ?? at;
    }
    expect(new Set(seen).size).toBe(35);
    expect(seen).toHaveLength(35);
  });
});
