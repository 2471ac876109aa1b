import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { SMTPServer } from 'smtp-server';
import { Webhook } from 'standardwebhooks';
import { afterAll, describe, expect, it } from 'vitest';
import type { Severity } from '#db/enums.ts';
import { newId, type TenantId, uuidOf } from '#server/kernel/ids.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { testChannelTools } from '#server/testing/channel-tools.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { makeCtx, makePerson, makeTenant, systemActor } from '#server/testing/factories.ts';
import { addChannel } from './add-channel.ts';
import type { ChannelTools } from './channel-tools.ts';
import type { ChannelInput } from './contract.ts';
import { createDeliverer } from './deliver.ts';
import { listChannels, listDeliveries } from './queries.ts';
import { removeChannel } from './remove-channel.ts';
import { retryDelivery } from './retry-delivery.ts';
import { routeAlerts } from './route-alerts.ts';
import { testChannel } from './test-channel.ts';

const bed = openTestDatabase();
const log = pino({ level: 'silent' });

interface Heard {
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

/** A receiver on this machine that keeps what it hears and answers what it is told to. */
async function startReceiver(answer: { status: number; headers?: Record<string, string> }) {
  const heard: Heard[] = [];
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      heard.push({ headers: request.headers, body: Buffer.concat(chunks).toString() });
      response.writeHead(answer.status, answer.headers).end('whatever it says');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  return { heard, host: `127.0.0.1:${port}`, answer, close: () => server.close() };
}

const closing: (() => unknown)[] = [];
afterAll(() => closing.forEach((close) => close()));

const webhookTo = (host: string, severityMin: Severity = 'high'): ChannelInput => ({
  kind: 'webhook',
  name: 'on call',
  target: `http://${host}/hook?token=secret-token`,
  severityMin,
});

async function makeScene(tools: Partial<ChannelTools> = {}) {
  const tenant = await makeTenant(bed);
  const person = async (...roles: Parameters<typeof makePerson>[2]) =>
    makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, roles));
  const all: ChannelTools = { ...testChannelTools, url: 'https://signalbox.test', ...tools };
  const deliverer = createDeliverer({ db: bed.worker, log, tools: all });
  return {
    tenant,
    tools: all,
    admin: await person('admin'),
    analyst: await person('analyst'),
    viewer: await person('viewer'),
    worker: makeCtx(bed.worker, tenant.id, systemActor),
    /** Everything that is due now is sent. */
    sends: async () => {
      await deliverer.pass();
      await deliverer.idle();
    },
    /** As if the pause before the next attempt were over. */
    waits: () => bed.admin`update deliveries set next_at = now()
      where tenant_id = ${uuidOf(tenant.id)} and state = 'unconfirmed'`,
  };
}

/** An alert that is opened now, or so many seconds ago. */
async function openAlert(
  tenantId: TenantId,
  severity: Severity = 'critical',
  alert: { agent?: string; secondsAgo?: number } = {},
): Promise<string> {
  const [ruleId, id] = [newId('rule'), newId('alert')];
  await bed.admin`insert into rules (tenant_id, id, slug, title, severity, state, source, origin)
    values (${uuidOf(tenantId)}, ${uuidOf(ruleId)}, ${ruleId.slice(-20)}, 'r', 'low', 'enabled', '',
      'custom')`;
  await bed.admin`insert into alerts (tenant_id, id, rule_id, rule_version, group_key, severity,
      state, title, explanation, agent_slug, trace_ids, labels, first_at, last_at, count, opened_at)
    values (${uuidOf(tenantId)}, ${uuidOf(id)}, ${uuidOf(ruleId)}, 1, '', ${severity}, 'open',
      'Money after an injection', '{}', ${alert.agent ?? 'billing-bot'}, '{}', ${['ASI01']}, now(),
      now(), 3, now() - make_interval(secs => ${alert.secondsAgo ?? 0}))`;
  return id;
}

const auditOf = (ctx: Ctx) => bed.admin<{ action: string; detail: object }[]>`
  select action, detail from audit_log where tenant_id = ${uuidOf(ctx.tenantId)} order by id`;

describe('a channel', () => {
  it('is added, tested and removed by an administrator alone, each written down', async () => {
    const receiver = await startReceiver({ status: 204 });
    const { admin, analyst, viewer, tools, sends } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    await expect(addChannel(analyst, tools, webhookTo(receiver.host))).rejects.toMatchObject({
      code: 'forbidden',
    });
    await expect(removeChannel(viewer, newId('channel'))).rejects.toMatchObject({
      code: 'forbidden',
    });
    const { id, secret } = await addChannel(admin, tools, webhookTo(receiver.host));
    await testChannel(admin, id);
    await sends();
    const [heard] = receiver.heard;
    expect(new Webhook(secret ?? '').verify(heard?.body ?? '', headersOf(heard))).toMatchObject({
      type: 'channel.test',
    });
    expect(await listChannels(analyst)).toMatchObject([
      { name: 'on call', target: `http://${receiver.host}`, dead: 0, unconfirmed: 0 },
    ]);
    await removeChannel(admin, id);
    expect(await listChannels(analyst)).toEqual([]);
    await expect(removeChannel(admin, id)).rejects.toMatchObject({ code: 'not_found' });
    const rows = await auditOf(admin);
    expect(rows.map(({ action }) => action)).toEqual([
      'channel.added',
      'channel.tested',
      'channel.removed',
    ]);
    // Neither the secret nor the whole address lies in any row.
    const stored = await bed.admin`select c.*, encode(sealed_target, 'escape') from channels c
      where tenant_id = ${uuidOf(admin.tenantId)}`;
    expect(JSON.stringify([stored, rows])).not.toContain('secret-token');
  });

  it('of another tenant is not there', async () => {
    const { tools, admin } = await makeScene({ privateReceivers: new Set(['127.0.0.1:1']) });
    const { id } = await addChannel(admin, tools, webhookTo('127.0.0.1:1'));
    const other = await makeScene();
    for (const verb of [removeChannel, testChannel]) {
      await expect(verb(other.admin, id)).rejects.toMatchObject({ code: 'not_found' });
    }
  });

  it.each([
    ['plain http', 'http://example.com/', /https only/],
    ['plain http to an address', 'http://93.184.216.34/', /https only/],
  ])('is refused: %s', async (_name, target, words) => {
    const { admin, tools } = await makeScene();
    const input: ChannelInput = { ...webhookTo(''), target } as ChannelInput;
    await expect(addChannel(admin, tools, input)).rejects.toThrow(words);
  });

  it('by e-mail is refused where there is no mail server', async () => {
    const { admin, tools } = await makeScene();
    const input: ChannelInput = {
      kind: 'email',
      name: 'mail',
      target: 'a@example.com',
      severityMin: 'low',
    };
    await expect(addChannel(admin, tools, input)).rejects.toThrow(/no mail server/);
  });
});

/** The headers that a receiver checks. */
const headersOf = (heard: Heard | undefined) =>
  Object.fromEntries(
    Object.entries(heard?.headers ?? {}).map(([name, value]) => [name, String(value)]),
  );

describe('alerts', () => {
  it('go to every channel that wants them, once, signed, however often it is looked', async () => {
    const receiver = await startReceiver({ status: 200 });
    const { tenant, admin, analyst, tools, sends, worker } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    await openAlert(tenant.id, 'critical', { secondsAgo: 600 });
    const grave = await addChannel(admin, tools, webhookTo(receiver.host, 'high'));
    await addChannel(admin, tools, webhookTo(receiver.host, 'informational'));
    const critical = await openAlert(tenant.id, 'critical');
    const low = await openAlert(tenant.id, 'low');
    await Promise.all([routeAlerts(worker), routeAlerts(worker)]);
    await sends();
    await sends();
    const told = receiver.heard.map(({ body }) => JSON.parse(body) as { data: { id: string } });
    expect(told.map(({ data }) => data.id).toSorted()).toEqual(
      [critical, critical, low].toSorted(),
    );
    const signed = receiver.heard.filter((heard) => {
      try {
        return new Webhook(grave.secret ?? '').verify(heard.body, headersOf(heard)) !== null;
      } catch {
        return false;
      }
    });
    expect(signed).toHaveLength(1);
    expect(JSON.parse(signed[0]?.body ?? '')).toMatchObject({
      type: 'alert.opened',
      data: {
        id: critical,
        severity: 'critical',
        agent: 'billing-bot',
        labels: ['ASI01'],
        url: `https://signalbox.test/t/${tenant.slug}/alerts?alert=${critical}`,
      },
    });
    const shown = await listDeliveries(analyst, { alertId: critical });
    expect(shown).toMatchObject([
      { state: 'confirmed', attempts: 1, lastAnswer: 'answered 200' },
      { state: 'confirmed', attempts: 1, lastAnswer: 'answered 200' },
    ]);
  });

  it('that are found late, behind a younger one, are sent too', async () => {
    const receiver = await startReceiver({ status: 200 });
    const { tenant, admin, tools, sends } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    const { id } = await addChannel(admin, tools, webhookTo(receiver.host));
    await bed.admin`update channels set since = now() - interval '1 hour',
      routed_until = now() where id = ${uuidOf(id)}`;
    await openAlert(tenant.id, 'critical', { secondsAgo: 40 });
    await sends();
    expect(receiver.heard).toHaveLength(1);
  });

  it('beyond the most of an hour are given up and shown, not sent and not dropped', async () => {
    const receiver = await startReceiver({ status: 200 });
    const { tenant, admin, analyst, tools, sends } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    const { id } = await addChannel(admin, tools, webhookTo(receiver.host));
    await bed.admin`insert into deliveries (tenant_id, id, channel_id, state)
      select ${uuidOf(tenant.id)}, gen_random_uuid(), ${uuidOf(id)}, 'confirmed'
      from generate_series(1, 500)`;
    await openAlert(tenant.id);
    await sends();
    expect(receiver.heard).toEqual([]);
    expect(await listDeliveries(analyst, { state: 'dead' })).toMatchObject([
      { attempts: 0, lastAnswer: 'more than 500 in an hour: look into the inbox' },
    ]);
  });
});

describe('a delivery', () => {
  it('is unconfirmed and tried again under its id until it is taken', async () => {
    const receiver = await startReceiver({ status: 503, headers: { 'retry-after': '60' } });
    const { tenant, admin, analyst, tools, sends, waits } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    await addChannel(admin, tools, webhookTo(receiver.host));
    const alertId = await openAlert(tenant.id);
    await sends();
    await sends();
    expect(receiver.heard).toHaveLength(1);
    const [waiting] = await listDeliveries(analyst, { alertId });
    expect(waiting).toMatchObject({
      state: 'unconfirmed',
      attempts: 1,
      lastAnswer: 'answered 503',
      confirmedAt: null,
    });
    const pauseMs = Date.parse(waiting?.nextAt ?? '') - Date.parse(waiting?.createdAt ?? '');
    expect(pauseMs).toBeGreaterThan(50_000);
    receiver.answer.status = 200;
    await waits();
    await sends();
    const [first, second] = receiver.heard;
    expect(second?.headers['webhook-id']).toBe(first?.headers['webhook-id']);
    expect(await listDeliveries(analyst, { alertId })).toMatchObject([
      { state: 'confirmed', attempts: 2, lastAnswer: 'answered 200' },
    ]);
  });

  it('is given up after its last attempt, written down, and sent afresh when somebody asks', async () => {
    const receiver = await startReceiver({ status: 500 });
    const { tenant, admin, analyst, viewer, tools, sends, waits } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    await addChannel(admin, tools, webhookTo(receiver.host));
    const alertId = await openAlert(tenant.id);
    for (let attempt = 0; attempt < 9; attempt += 1) {
      await sends();
      await waits();
    }
    expect(receiver.heard).toHaveLength(7);
    const [dead] = await listDeliveries(analyst, { alertId });
    expect(dead).toMatchObject({ state: 'dead', attempts: 7, nextAt: null });
    expect(await listChannels(analyst)).toMatchObject([{ dead: 1, unconfirmed: 0 }]);
    expect((await auditOf(admin)).at(-1)).toMatchObject({
      action: 'delivery.dead',
      detail: { answer: 'answered 500', attempts: 7 },
    });
    await expect(retryDelivery(viewer, dead?.id ?? '')).rejects.toMatchObject({
      code: 'forbidden',
    });
    receiver.answer.status = 200;
    await retryDelivery(analyst, dead?.id ?? '');
    await sends();
    expect(await listDeliveries(analyst, { alertId })).toMatchObject([{ state: 'confirmed' }]);
    await expect(retryDelivery(analyst, dead?.id ?? '')).rejects.toMatchObject({
      code: 'conflict',
    });
  });

  it('switches its channel off where the receiver wants nothing more; a test switches it on', async () => {
    const receiver = await startReceiver({ status: 410 });
    const { tenant, admin, analyst, tools, sends } = await makeScene({
      privateReceivers: new Set([receiver.host]),
    });
    const { id } = await addChannel(admin, tools, webhookTo(receiver.host));
    await openAlert(tenant.id);
    await sends();
    await openAlert(tenant.id);
    await sends();
    expect(receiver.heard).toHaveLength(1);
    expect(await listChannels(analyst)).toMatchObject([{ state: 'disabled', dead: 1 }]);
    const [dead] = await listDeliveries(analyst, {});
    await expect(retryDelivery(analyst, dead?.id ?? '')).rejects.toMatchObject({
      code: 'conflict',
    });
    receiver.answer.status = 200;
    await testChannel(admin, id);
    await sends();
    expect(await listChannels(analyst)).toMatchObject([{ state: 'active', unconfirmed: 0 }]);
    // The test alone: what was opened while it was off is not sent late.
    const types = receiver.heard.map(({ body }) => (JSON.parse(body) as { type: string }).type);
    expect(types).toEqual(['alert.opened', 'channel.test']);
  });

  it.each([
    ['its own machine', 'https://127.0.0.1:1/'],
    ['it by another spelling', 'https://2130706433/'],
    ['it by name', 'https://localhost:1/'],
    ['the metadata of a cloud', 'https://169.254.169.254/latest/meta-data'],
    ['it inside IPv6', 'https://[::ffff:127.0.0.1]/'],
  ])('never reaches %s', async (_name, target) => {
    const { tenant, admin, analyst, tools, sends } = await makeScene();
    await addChannel(admin, tools, { ...webhookTo(''), target } as ChannelInput);
    await openAlert(tenant.id);
    await sends();
    const [dead] = await listDeliveries(analyst, {});
    expect(dead).toMatchObject({ state: 'dead', attempts: 1 });
    expect(dead?.lastAnswer).toContain('private network');
  });

  it('follows no redirect', async () => {
    const inner = await startReceiver({ status: 200 });
    const outer = await startReceiver({
      status: 302,
      headers: { location: `http://${inner.host}/` },
    });
    const { tenant, admin, analyst, tools, sends } = await makeScene({
      privateReceivers: new Set([outer.host]),
    });
    await addChannel(admin, tools, webhookTo(outer.host));
    await openAlert(tenant.id);
    await sends();
    expect(inner.heard).toEqual([]);
    expect(await listDeliveries(analyst, {})).toMatchObject([
      { state: 'unconfirmed', lastAnswer: 'answered 302' },
    ]);
  });

  it('holds up no other channel while its receiver is silent', async () => {
    const silent = createServer(() => undefined);
    await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
    closing.push(
      () => silent.closeAllConnections(),
      () => silent.close(),
    );
    const silentHost = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
    const quick = await startReceiver({ status: 200 });
    const { tenant, admin, tools } = await makeScene({
      privateReceivers: new Set([silentHost, quick.host]),
    });
    await addChannel(admin, tools, webhookTo(silentHost));
    await addChannel(admin, tools, webhookTo(quick.host));
    await openAlert(tenant.id);
    const deliverer = createDeliverer({ db: bed.worker, log, tools });
    await deliverer.pass();
    await expect.poll(() => quick.heard.length).toBe(1);
    await openAlert(tenant.id);
    await deliverer.pass();
    await expect.poll(() => quick.heard.length).toBe(2);
    silent.closeAllConnections();
    await deliverer.close();
  });
});

describe('mail', () => {
  /** A mail server on this machine that answers `code` to a recipient; 250 takes everything. */
  async function startMailServer(code: number) {
    const mails: string[] = [];
    const server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      logger: false,
      onRcptTo: (_address, _session, callback) => {
        if (code === 250) return callback();
        callback(Object.assign(new Error('not here'), { responseCode: code }));
      },
      onData: (stream, _session, callback) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          mails.push(Buffer.concat(chunks).toString());
          callback();
        });
      },
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => server.close());
    const { port } = server.server.address() as AddressInfo;
    const mailServer = { url: `smtp://127.0.0.1:${port}`, from: 'signalbox@example.com' };
    return { mails, mailServer };
  }
  const mailTo = (target: string): ChannelInput => ({
    kind: 'email',
    name: 'mail',
    target,
    severityMin: 'high',
  });

  it('is taken by the mail server, and an agent’s name forges nothing in it', async () => {
    const { mails, mailServer } = await startMailServer(250);
    const { tenant, admin, analyst, tools, sends } = await makeScene({ mailServer });
    await addChannel(admin, tools, mailTo('duty@example.com'));
    await openAlert(tenant.id, 'critical', {
      agent: 'bot\r\nBcc: all@evil.example\nSeverity   low',
    });
    await sends();
    expect(await listDeliveries(analyst, {})).toMatchObject([
      { state: 'confirmed', lastAnswer: 'the mail server has taken it' },
    ]);
    const [mail] = mails;
    expect(mail).toContain('To: duty@example.com');
    expect(mail).toMatch(/Subject: \[Signalbox .*\] critical: Money after an injection/);
    expect(mail).toContain('Content-Type: text/plain');
    expect(mail).not.toMatch(/^Bcc:/m);
    expect(mail).not.toMatch(/^Severity {3}low/m);
  });

  it.each([
    [550, 'dead', 'the mail server refused it (550)'],
    [451, 'unconfirmed', 'the mail server put it off (451)'],
  ])('that is answered %i is %s', async (code, state, lastAnswer) => {
    const { mailServer } = await startMailServer(code);
    const { tenant, admin, analyst, tools, sends } = await makeScene({ mailServer });
    await addChannel(admin, tools, mailTo('nobody@example.com'));
    await openAlert(tenant.id);
    await sends();
    expect(await listDeliveries(analyst, {})).toMatchObject([{ state, lastAnswer }]);
  });

  it('that reaches no server is unconfirmed', async () => {
    const mailServer = { url: 'smtp://127.0.0.1:1', from: 'signalbox@example.com' };
    const { tenant, admin, analyst, tools, sends } = await makeScene({ mailServer });
    await addChannel(admin, tools, mailTo('duty@example.com'));
    await openAlert(tenant.id);
    await sends();
    const [delivery] = await listDeliveries(analyst, {});
    expect(delivery).toMatchObject({ state: 'unconfirmed' });
    expect(delivery?.lastAnswer).toMatch(/no mail server/);
  });
});
