import { describe, expect, it } from 'vitest';
import { resumeAgent } from '#server/gate/resume-agent.ts';
import { placeStop } from '#server/gate/place-stop.ts';
import { createLog } from '#server/kernel/log.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  keyActor,
  makeAgent,
  makeCtx,
  makeListeningWeb,
  makePerson,
  makeTenant,
} from '#server/testing/factories.ts';
import { answerStop } from './answer-stop.ts';
import { noteHeartbeat } from './note-heartbeat.ts';
import { readStopDetail } from './read-ladder.ts';
import { watchResumptions } from './watch-resumptions.ts';

const bed = openTestDatabase();
const log = createLog('fatal', 'test');

/** An agent that went first out of its environment's stop. */
async function makeScene() {
  const tenant = await makeTenant(bed);
  const ctx = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  const admin = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  const agent = await makeAgent(bed, tenant.id, 'payer');
  const tenantUuid = uuidOf(tenant.id);
  const ruleId = uuidOf(newId('rule'));
  await bed.admin`insert into rules (tenant_id, id, slug, title, severity, state, source, origin)
    values (${tenantUuid}, ${ruleId}, 'r', 'r', 'high', 'enabled', '', 'shipped')`;
  const stop = await placeStop(ctx, { scope: { kind: 'tenant' }, level: 1, reason: 'look first' });
  const alert = (severity: string, opened: string, of = agent.id, last = opened) =>
    bed.admin`insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity, state,
        title, explanation, agent_id, trace_ids, labels, first_at, last_at, opened_at, count)
      values (${tenantUuid}, ${uuidOf(newId('alert'))}, ${ruleId}, 1, ${newId('alert')}, ${severity},
        'open', 'Paid a stranger', '{}', ${uuidOf(of)}, '{}', '{}', now() + ${opened}::interval,
        now() + ${last}::interval, now() + ${opened}::interval, 1)`;
  const resume = async () => {
    const wanted = { id: stop.id, agentId: agent.id, reason: 'fixed' };
    await resumeAgent(ctx, wanted);
    await resumeAgent(admin, wanted);
  };
  const watch = async () => {
    await watchResumptions(bed.worker, log);
    const { resuming, ladder } = await readStopDetail(ctx, stop.id);
    return { ...resuming?.resumptions[0], ladder };
  };
  return { tenant, agent, alert, resume, watch, stop, ctx };
}

describe('an agent that is held again', () => {
  it('has to prove once more that it stopped: neither its old word nor its old silence counts', async () => {
    const { agent, alert, resume, watch, tenant, stop } = await makeScene();
    await makeListeningWeb(bed, 3600);
    const key = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
    const beat = { capabilities: [], inFlight: [], sessions: [] };
    for (const instanceId of ['obeys', 'silent']) {
      await noteHeartbeat(key, { ...beat, instanceId });
    }
    const answer = { stopId: stop.id, instanceId: 'obeys', inFlight: 0 };
    await answerStop(key, { ...answer, state: 'stopped' });
    await bed.admin`update stops set placed_at = placed_at - interval '10 minutes'
      where id = ${uuidOf(stop.id)}`;
    const stepsOf = ({ ladder }: Awaited<ReturnType<typeof watch>>) =>
      Object.fromEntries(ladder.map((row) => [row.instanceId, row.step]));
    expect(stepsOf(await watch())).toEqual({ obeys: 'quiet', silent: 'quiet' });
    await resume();
    await alert('critical', '1 second');
    expect(stepsOf(await watch())).toEqual({ obeys: 'requested', silent: 'requested' });
    await answerStop(key, { ...answer, state: 'stopped' });
    expect(stepsOf(await watch())).toEqual({ obeys: 'quiet', silent: 'requested' });
  });
});

describe('watchResumptions', () => {
  it('holds the agent again at the first grave alert of it, with the reason', async () => {
    const { alert, resume, watch, tenant } = await makeScene();
    await resume();
    expect(await watch()).toMatchObject({ verdict: 'watching', alerts: 0 });
    await alert('critical', '1 second');
    expect(await watch()).toMatchObject({
      verdict: 'held',
      endReason: 'While it was watched an alert came: Paid a stranger',
    });
    const audit = await bed.admin`select actor_id, cause from audit_log
      where tenant_id = ${uuidOf(tenant.id)} and action = 'stop.held_again'`;
    expect(audit).toMatchObject([
      { actor_id: 'system:watch', cause: expect.stringContaining('Paid a stranger') },
    ]);
  });

  it.each([
    ['an older alert that is still open and goes on', 'high', '-1 hour', '1 second', 'held'],
    ['an older alert that is silent since', 'critical', '-1 hour', '-1 hour', 'watching'],
    ['a mild alert', 'medium', '1 second', '1 second', 'watching'],
  ] as const)('%s', async (_, severity, opened, last, verdict) => {
    const { alert, resume, watch, agent } = await makeScene();
    await resume();
    await alert(severity, opened, agent.id, last);
    expect(await watch()).toMatchObject({ verdict });
  });

  it('watches on while a lift from the host is still ahead', async () => {
    const { alert, resume, watch, stop } = await makeScene();
    await resume();
    await bed.admin`update stops set lifted_at = now() + interval '30 minutes'
      where id = ${uuidOf(stop.id)}`;
    await alert('high', '1 second');
    expect(await watch()).toMatchObject({ verdict: 'held' });
  });

  it('is not misled by the alert of another agent', async () => {
    const { alert, resume, watch, tenant } = await makeScene();
    const other = await makeAgent(bed, tenant.id, 'other');
    await resume();
    await alert('critical', '1 second', other.id);
    expect(await watch()).toMatchObject({ verdict: 'watching', alerts: 0 });
  });

  it('takes the agent off the ladder while it works, and puts it on again', async () => {
    const { agent, alert, resume, watch, tenant } = await makeScene();
    const key = makeCtx(bed.app, tenant.id, keyActor('agent', agent));
    const beat = { instanceId: 'one', capabilities: [], inFlight: [], sessions: [] };
    expect(await noteHeartbeat(key, beat)).toMatchObject({ halted: true });
    expect((await watch()).ladder).toMatchObject([{ agentId: agent.id }]);
    await resume();
    expect(await noteHeartbeat(key, beat)).toMatchObject({ halted: false });
    expect((await watch()).ladder).toEqual([]);
    await alert('high', '1 second');
    expect((await watch()).ladder).toMatchObject([{ agentId: agent.id }]);
  });
});
