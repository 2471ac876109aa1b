import { describe, expect, it } from 'vitest';
import { type TenantId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { drainTail } from '#server/testing/drain-tail.ts';
import { makeDraft, makeEvent } from '#server/testing/event-factory.ts';
import { makeAgent, makeTenant } from '#server/testing/factories.ts';
import { assembler } from './assemble-traces.ts';
import type { EventDraft } from './contract.ts';
import { createGroupCommit } from './group-commit.ts';

const bed = openTestDatabase();

async function makeScene() {
  const tenant = await makeTenant(bed);
  const agent = await makeAgent(bed, tenant.id, 'billing-bot');
  const commit = createGroupCommit(bed.app.$client);
  const post = async (...events: Partial<EventDraft>[]): Promise<void> => {
    await commit.store(
      tenant.id,
      events.map((event) => makeEvent(agent, event, { onConflict: 'revise' })),
    );
  };
  const guess = await makeAgent(bed, tenant.id, 'unknown-service');
  /** Spans that do not name their agent themselves. */
  const postGuessed = async (...events: Partial<EventDraft>[]): Promise<void> => {
    await commit.store(
      tenant.id,
      events.map((event) => makeEvent(guess, event, { agentExplicit: false })),
    );
  };
  return { tenant, agent, guess, post, postGuessed };
}

async function tracesOf(tenantId: TenantId) {
  return bed.admin`select translate(id::text, '-', '') as id, title, agent_ids, agent_slugs,
      session_id, events, tool_calls, errors, tools, has_untrusted, started_at::text,
      ended_at::text, title_at::text
    from traces where tenant_id = ${uuidOf(tenantId)} order by started_at`;
}

async function contextsOf(tenantId: TenantId) {
  return bed.admin`select span_id, agent_slug, session_id, user_id from event_context
    where tenant_id = ${uuidOf(tenantId)} order by span_id`;
}

const traceId = 'a'.repeat(32);
const asked = { ...makeDraft().body, input: [{ role: 'user', content: 'Pay "bill", {now}\\' }] };

describe('the assembler', () => {
  it('keeps one row a trace, batch after batch', async () => {
    const { tenant, agent, post } = await makeScene();
    await post({
      traceId,
      sessionId: 's-1',
      startedAt: '2026-11-22T08:00:00.000001Z',
      endedAt: null,
    });
    await drainTail(bed, assembler);
    await post(
      { traceId, kind: 'user_message', name: null, body: asked, startedAt: '2026-11-22T07:59:59Z' },
      { traceId, name: 'send_money', status: 'error', endedAt: '2026-11-22T08:00:09.123456Z' },
      { traceId: 'b'.repeat(32), name: 'other', startedAt: '2026-11-22T09:00:00Z' },
    );
    await drainTail(bed, assembler);
    await drainTail(bed, assembler);
    expect(await tracesOf(tenant.id)).toEqual([
      {
        id: traceId,
        title: 'Pay "bill", {now}\\',
        title_at: '2026-11-22 07:59:59+00',
        agent_ids: [agent.id],
        agent_slugs: ['billing-bot'],
        session_id: 's-1',
        events: 3,
        tool_calls: 2,
        errors: 1,
        tools: ['read_file', 'send_money'],
        has_untrusted: false,
        started_at: '2026-11-22 07:59:59+00',
        ended_at: '2026-11-22 08:00:09.123456+00',
      },
      expect.objectContaining({ id: 'b'.repeat(32), title: 'other', events: 1 }),
    ]);
  });

  it('adds to the minute counts and sightings, never to another tenant’s', async () => {
    const { tenant, post } = await makeScene();
    const other = await makeScene();
    await post({ instanceId: 'pod-1' }, { instanceId: 'pod-1', status: 'error' });
    await other.post({});
    await drainTail(bed, assembler);
    await post({ instanceId: 'pod-2' });
    await drainTail(bed, assembler);
    const counts = async (tenantId: TenantId) => {
      const [row] = await bed.admin`select sum(events)::int as events, sum(errors)::int as errors,
        sum(bytes)::int > 0 as has_bytes from event_counts where tenant_id = ${uuidOf(tenantId)}`;
      return row;
    };
    const instances = await bed.admin`select instance_id from agent_instances
      where tenant_id = ${uuidOf(tenant.id)} order by 1`;
    expect(await counts(tenant.id)).toEqual({ events: 3, errors: 1, has_bytes: true });
    expect(await counts(other.tenant.id)).toEqual({ events: 1, errors: 0, has_bytes: true });
    expect(instances).toEqual([{ instance_id: 'pod-1' }, { instance_id: 'pod-2' }]);
  });

  it('works out again what spans inherit when their parent comes late', async () => {
    const { tenant, agent, guess, post, postGuessed } = await makeScene();
    const [root, child] = ['1'.repeat(16), '2'.repeat(16)];
    await postGuessed({
      traceId,
      spanId: child,
      parentSpanId: root,
      startedAt: '2026-11-22T08:00:01Z',
    });
    await drainTail(bed, assembler);
    expect(await tracesOf(tenant.id)).toMatchObject([
      { agent_ids: [guess.id], agent_slugs: ['unknown-service'], session_id: null },
    ]);
    await post({ traceId, spanId: root, sessionId: 's-9', user: 'u-1', name: 'run' });
    await drainTail(bed, assembler);
    expect(await tracesOf(tenant.id)).toMatchObject([
      { agent_ids: [agent.id], agent_slugs: ['billing-bot'], session_id: 's-9', title: 'run' },
    ]);
    expect(await contextsOf(tenant.id)).toEqual([
      { span_id: child, agent_slug: 'billing-bot', session_id: 's-9', user_id: 'u-1' },
    ]);
  });

  it('works it out inside one batch, and takes back what no longer holds', async () => {
    const { tenant, post } = await makeScene();
    const [one, two, three] = ['1'.repeat(16), '2'.repeat(16), '3'.repeat(16)];
    await post({ traceId, spanId: one, sessionId: 's-1' }, { traceId, spanId: two });
    await drainTail(bed, assembler);
    expect(await contextsOf(tenant.id)).toEqual([
      { span_id: two, agent_slug: 'billing-bot', session_id: 's-1', user_id: null },
    ]);
    await post({ traceId, spanId: three, sessionId: 's-2' });
    await drainTail(bed, assembler);
    expect(await contextsOf(tenant.id)).toEqual([]);
  });

  it('gives a log line without a span the context of its parent span', async () => {
    const { tenant, post, postGuessed } = await makeScene();
    const root = '1'.repeat(16);
    await postGuessed({ traceId, spanId: null, parentSpanId: root, kind: 'lifecycle' });
    await post({ traceId, spanId: root });
    await drainTail(bed, assembler);
    expect(await tracesOf(tenant.id)).toMatchObject([{ agent_slugs: ['billing-bot'], events: 2 }]);
  });

  it('takes names, tools and sessions that look like syntax', async () => {
    const { tenant, post } = await makeScene();
    const name = `"},{NULL,'; drop table "x" \\ ‮`;
    await post({ traceId, name, sessionId: '{"a"}', user: 'NULL' });
    await drainTail(bed, assembler);
    const rows = await bed.admin`select title, tools, session_id, user_id from traces
      where tenant_id = ${uuidOf(tenant.id)}`;
    expect(rows).toEqual([{ title: name, tools: [name], session_id: '{"a"}', user_id: 'NULL' }]);
  });
});
