import { describe, expect, it } from 'vitest';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { makeAgent, makeTenant } from '#server/testing/factories.ts';
import { settleLog } from '#server/testing/settle-log.ts';
import { CopyReader } from './copy-reader.ts';
import { createGroupCommit } from './group-commit.ts';
import { startPosition } from './position.ts';
import { readTail } from './read-tail.ts';
import { agentIdOf, instantOf } from './tail-event.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const commit = createGroupCommit(bed.app.$client);
  return { tenantId: tenant.id, agent, commit };
}

describe('readTail', () => {
  it('brings every column as it was stored, whatever is null', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const finding = {
      type: 'secret' as const,
      detector: 'aws_access_key',
      path: '/input/päth',
      start: 1,
      end: 9,
      score: 0.5,
      detail: 'A key.',
    };
    const full = makeEvent(agent, {
      id: 'full',
      parentSpanId: 'b'.repeat(16),
      sessionId: 'sitzung-ß',
      conversationId: 'c',
      instanceId: 'i',
      user: 'u',
      phase: 'end',
      callId: 'call',
      model: 'm',
      actionId: 'act_1',
      startedAt: '1999-12-31T23:59:59.999999Z',
      endedAt: '2026-01-01T00:00:00Z',
      status: 'error',
      flags: ['clock_skew', 'truncated'],
      body: { ...makeDraft().body, source: { trust: 'untrusted', origin: 'mail' } },
    });
    const startedAt = '2026-11-22T08:00:00Z';
    const bare = makeEvent(agent, {
      id: 'bare',
      spanId: null,
      name: null,
      startedAt,
      endedAt: null,
    });
    await commit.store(tenantId, [
      { ...full, event: { ...full.event, findings: [finding] } },
      { ...bare, isVerified: false, agentExplicit: false },
    ]);
    await settleLog(bed);
    const events = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    const { agent: _full, ...toldFull } = full.event;
    const { agent: _bare, ...toldBare } = bare.event;
    expect(events).toMatchObject([
      {
        ...toldFull,
        findings: [finding],
        trust: 'untrusted',
        startedAtUs: Date.parse('1999-12-31T23:59:59.999Z') * 1000 + 999,
        agentId: agent.id,
        identity: 'verified',
        agentExplicit: true,
        bodyBytes: JSON.stringify(full.event.body).length,
      },
      { ...toldBare, identity: 'claimed', agentExplicit: false, endedAtUs: null },
    ]);
    const [row] = await bed.admin<{ day: string; received: string; seq: number }[]>`
      select received_on::text as day, received_at::text as received, seq::float8 as seq
      from events where tenant_id = ${uuidOf(tenantId)} and event_id = 'full'`;
    expect(events[0]).toMatchObject({ receivedOn: row?.day, at: { seq: row?.seq } });
    expect(events[0]?.receivedAt).toBe(row?.received.replace(' ', 'T').replace('+00', 'Z'));
  });

  it('knows the trust of an event whose payload was erased', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const body = { ...makeDraft().body, source: { trust: 'untrusted' as const, origin: 'mail' } };
    await commit.store(tenantId, [makeEvent(agent, { body })]);
    await bed.admin`update event_bodies set salt = null, body = null
      where tenant_id = ${uuidOf(tenantId)}`;
    await settleLog(bed);
    const [event] = await readTail(bed.worker.$client, tenantId, startPosition, 10);
    expect(event?.trust).toBe('untrusted');
    expect(event?.body).toMatchObject({ output: null, source: { origin: null } });
  });

  it('ends a batch where its payloads grow too heavy, after one event at the least', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const events = ['a', 'b', 'c', 'd'].map((id) => makeEvent(agent, { id }));
    await commit.store(tenantId, events);
    const most = limits.tailBodyBytesMax;
    await bed.admin`update events set body_bytes = case event_id when 'a' then 10
        when 'b' then ${most - 10} when 'c' then ${2 * most} else 1 end
      where tenant_id = ${uuidOf(tenantId)}`;
    await settleLog(bed);
    const batches: string[] = [];
    let since = startPosition;
    for (;;) {
      const batch = await readTail(bed.worker.$client, tenantId, since, 10);
      const last = batch.at(-1);
      if (last === undefined) break;
      batches.push(batch.map((event) => event.id).join(''));
      since = last.at;
    }
    expect(batches).toEqual(['ab', 'c', 'd']);
  });

  it('reads several batches at once, and more than the memory kept for one', async () => {
    const { tenantId, agent, commit } = await makeScene();
    const output = 'x'.repeat(200_000);
    const events = Array.from({ length: 60 }, (_, index) =>
      makeEvent(agent, { id: `e${index}`, body: { ...makeDraft().body, output } }),
    );
    await commit.store(tenantId, events);
    await settleLog(bed);
    const reads = await Promise.all(
      [60, 7, 60].map((limit) => readTail(bed.worker.$client, tenantId, startPosition, limit)),
    );
    expect(reads.map((read) => read.length)).toEqual([60, 7, 60]);
    for (const event of reads.flat()) expect(event.body.output).toBe(output);
    expect(new Set(reads.flat().map((event) => event.id)).size).toBe(60);
  });

  it('refuses a place that is none, instead of writing it into a statement', async () => {
    const { tenantId } = await makeScene();
    const since = { ...startPosition, xid: "0' or true --" };
    await expect(readTail(bed.worker.$client, tenantId, since, 1)).rejects.toMatchObject({
      code: 'internal',
    });
  });
});

describe('instantOf', () => {
  it.each([
    [0, '1970-01-01T00:00:00Z'],
    [1_767_225_600_000_000, '2026-01-01T00:00:00Z'],
    [1_767_225_600_120_000, '2026-01-01T00:00:00.12Z'],
    [1_767_225_600_000_123, '2026-01-01T00:00:00.000123Z'],
    [-1, '1969-12-31T23:59:59.999999Z'],
  ])('%d', (us, text) => {
    expect(instantOf(us)).toBe(text);
  });
});

describe('agentIdOf', () => {
  it('reads a uuid with hyphens and without', () => {
    const id = agentIdOf('018f1234-5678-7abc-8def-0123456789ab');
    expect(agentIdOf('018f123456787abc8def0123456789ab')).toBe(id);
    expect(uuidOf(id)).toBe('018f1234-5678-7abc-8def-0123456789ab');
  });
});

describe('CopyReader', () => {
  it('refuses what is no binary copy, and rows of another width', () => {
    expect(() => new CopyReader(Buffer.from('1\ttext\n'))).toThrow('binary copy');
    const head = Buffer.from('PGCOPY\n\u00ff\r\n\0\0\0\0\0\0\0\0\0', 'latin1');
    const reader = new CopyReader(Buffer.concat([head, Buffer.from([0, 2, 255, 255])]));
    expect(() => reader.nextRow(1)).toThrow('2 columns');
    expect(reader.nextRow(1)).toBe(false);
  });
});
