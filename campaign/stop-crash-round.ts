import { execFile } from 'node:child_process';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { z } from 'zod';
import { childEnv } from '#server/kernel/env.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { makeTrace, sendTrace } from './crash-load.ts';
import { CrashBlow } from './crash-blow.ts';
import { countRows, withAdminPatiently } from './crash-database.ts';
import { CrashDoors, jsonOf, keyCaller } from './crash-doors.ts';
import { CrashSteps } from './crash-steps.ts';
import { ask } from './stop-crash-agents.ts';
import { letTimePass, LivingCrew, until } from './stop-crash-crew.ts';
import type { StopLedger } from './stop-crash-ledger.ts';
import type { StopPlan, StopStep } from './stop-crash-plan.ts';
import { checkClaim, holdGate, type Pressed, press, type PressTable } from './stop-crash-press.ts';
import type { Crew, StopScene } from './stop-crash-scene.ts';
import { LadderWatch } from './stop-crash-watch.ts';
import type { Random } from '#server/demo/fill-template.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const run = promisify(execFile);
/** So long what a dark round kills stays away: longer than silence has to last. */
const darkMs = 12_000;
const patienceMs = 60_000;
/** What an agent tries so soon after its word still counts as begun before it. */
const attemptMs = limits.evidenceSkewMs - 2000;

const permitSchema = z.looseObject({ permit: z.string() });
const leaseSchema = z.looseObject({ token: z.string() });
const activeSchema = z.looseObject({ active: z.boolean() });
const heldAgainSchema = z.looseObject({ changed: z.boolean(), state: z.string() });
const missingSchema = z.looseObject({ missing: z.number() });
const listedSchema = z.looseObject({
  items: z.array(
    z.looseObject({ id: z.string(), state: z.string(), acknowledgedAt: z.string().nullable() }),
  ),
});
const args = { path: '/notes' };
const soon = () => AbortSignal.timeout(patienceMs);

/** One stop of five agents from the press to the lift, and a strike on the way. */
export class StopRound {
  readonly #scene: StopScene;
  readonly #crew: Crew;
  readonly #plan: StopPlan;
  readonly #ledger: StopLedger;
  readonly #isHurried: boolean;
  readonly #blow: CrashBlow<StopStep>;
  readonly #steps: CrashSteps<StopStep>;
  readonly #doors: CrashDoors<StopStep>;
  readonly #living: LivingCrew;
  readonly #watch: LadderWatch;
  readonly #table: PressTable;
  readonly #random: Random;

  constructor(
    scene: StopScene,
    crew: Crew,
    plan: StopPlan,
    { ledger, random, isHurried }: { ledger: StopLedger; random: Random; isHurried: boolean },
  ) {
    this.#scene = scene;
    this.#crew = crew;
    this.#plan = plan;
    this.#ledger = ledger;
    this.#random = random;
    this.#isHurried = isHurried;
    const blow = new CrashBlow(scene.stack, plan, random, plan.step === 'dark' ? darkMs : 0);
    this.#blow = blow;
    this.#steps = new CrashSteps((step, working) => blow.beside(step, working));
    this.#doors = new CrashDoors(scene.stack, this.#steps);
    this.#living = new LivingCrew(crew, plan, this.#doors, blow);
    const callers = { program: scene.program, person: scene.people[0] };
    this.#watch = new LadderWatch(this.#doors, callers, ledger, this.#living.witnesses);
    const scope =
      plan.scope === 'tenant'
        ? ({ kind: 'tenant' } as const)
        : ({ kind: 'environment', id: crew.environment } as const);
    const [doors, steps] = [this.#doors, this.#steps];
    this.#table = { scene, crew, doors, steps, blow, ledger, scope };
  }

  get retried(): number {
    return this.#steps.retried;
  }

  async run(): Promise<void> {
    const ended = new AbortController();
    await this.#living.begin();
    const watching = this.#watch.keep(ended.signal);
    try {
      await this.#stopAndReturn();
    } finally {
      ended.abort();
      await Promise.all([watching, this.#living.end()]);
    }
    for (let n = this.#living.untold; n > 0; n -= 1) {
      this.#ledger.fault('untold', this.#crew.environment);
    }
  }

  async #stopAndReturn(): Promise<void> {
    const { doors } = this.#crew;
    const before = { permit: await this.#takePermit(doors.liar), lease: await this.#takeLease() };
    const since = this.#living.truthful.lastEventId ?? '';
    const stop = await press(this.#table);
    this.#ledger.stopIds.add(stop.id);
    this.#living.expect(stop.id);
    this.#watch.turnTo(stop.id);
    await this.#isAcknowledged(stop.id);
    this.#ledger.acknowledged.set(stop.id, await this.#acknowledgedAt(stop.id));
    await this.#refuses(before);
    await this.#living.haveHeard(stop.id, stop.epoch);
    if (['told', 'ack', 'acked'].includes(this.#plan.step)) await this.#blow.over();
    await this.#replays(since, stop.id);
    if (this.#plan.step === 'sent') await this.#cut();
    const { awaySeconds, step } = this.#plan;
    const times = { awaySeconds, isHurried: this.#isHurried, isDark: step === 'dark' };
    await letTimePass(this.#scene.stack, uuidOf(stop.id), doors, times);
    await this.#isViolated();
    await this.#seesSilence();
    if (this.#plan.isListed) await this.#isListed(stop.id);
    await this.#oneGoesFirst(stop);
    await this.#refuses(before);
    await this.#isLifted(stop.id);
    await this.#blow.over();
  }

  async #takePermit({ key }: { readonly key: string }): Promise<string> {
    const door = { url: this.#scene.stack.proxy.url, key };
    const answer = await this.#steps.send(null, () => ask(door, soon()));
    return permitSchema.parse(await jsonOf(answer)).permit;
  }

  #redeem(permit: string, key: string): Promise<Response> {
    const headers = { ...keyCaller(key), 'content-type': 'application/json' };
    const body = JSON.stringify({ permit, args });
    return this.#doors.post(null, '/api/v1/permits/redeem', body, headers);
  }

  async #takeLease(): Promise<string> {
    const { root: credential, agentKey } = this.#crew.family;
    const wish = JSON.stringify({ tool: credential.tool, scopes: ['use'], ttlSeconds: 3600 });
    const answer = await this.#doors.post(null, '/api/v1/leases', wish, keyCaller(agentKey));
    return leaseSchema.parse(await jsonOf(answer)).token;
  }

  /** Whoever finds the drain unfinished finishes it. */
  async #isAcknowledged(id: string): Promise<void> {
    const isActive = () =>
      this.#count(`select 1 from stops where state = 'active' and id = '${uuidOf(id)}'`);
    await until('the stop is acknowledged', async () => (await isActive()) === 1);
  }

  /** Nothing is granted, redeemed, leased or called active of the liar, who tries all of it. */
  async #refuses({ permit, lease }: { readonly permit: string; readonly lease: string }) {
    const { family, doors } = this.#crew;
    const liar = keyCaller(family.agentKey);
    const wish = { tool: family.root.tool, scopes: ['use'], ttlSeconds: 3600 };
    const asked = await this.#steps.send(null, () => ask(doors.liar, soon()));
    const tries = {
      asked,
      redeemed: await this.#redeem(permit, family.agentKey),
      leased: await this.#doors.post(null, '/api/v1/leases', JSON.stringify(wish), liar),
    };
    for (const [what, { status }] of Object.entries(tries)) {
      if (status !== 423) this.#ledger.fault('granted', `${what}: ${status}`);
    }
    const body = new URLSearchParams({ token: lease });
    const answer = await this.#doors.post('lease', '/oauth/introspect', body, this.#scene.enforcer);
    const { active } = activeSchema.parse(await jsonOf(answer));
    if (active) this.#ledger.fault('granted', 'its lease is called active');
  }

  /** A stream that begins again at an id from before the stop is told of it, twice. */
  async #replays(since: string, stopId: string): Promise<void> {
    const told = await this.#steps.take(null, async () => {
      const found = await this.#living.truthful.resumesWith(since, stopId, 3000);
      if (!found.inState) throw new Error('no stream, or one without the stop');
      return found;
    });
    if (!told.asChange) this.#ledger.fault('unreplayed', `${stopId} since ${since}`);
  }

  /** A stop of the liar's credential that has its provider revoke it. */
  async #cut(): Promise<void> {
    const { root: credential, agent } = this.#crew.family;
    const { provider, people } = this.#scene;
    provider.watch(async ({ kind, token, isDone }) => {
      if (kind !== 'revoke' || isDone || token !== credential.token) return;
      if (this.#blow.take('sent')) await this.#blow.fall();
    });
    const scope = { kind: 'credential', id: credential.id };
    const wish = { scope, level: 3, reason: 'campaign' };
    const placed = await this.#doors.mutate(null, people[0], 'stops.place', wish);
    const { id } = z.looseObject({ id: z.string() }).parse(placed);
    this.#ledger.stopIds.add(id);
    await this.#blow.over();
    const found = await this.#doors.query(people[0], 'stops.get', { id });
    const { ladder } = z
      .looseObject({ ladder: z.array(z.looseObject({ agent: z.string(), step: z.string() })) })
      .parse(found);
    const isCalledCut = ladder.some((row) => row.agent === agent && row.step === 'cut');
    if (isCalledCut && (await provider.hasToken(credential.token))) {
      this.#ledger.fault('cutUntrue', credential.id);
    }
    provider.watch(null);
    await this.#doors.mutate(null, people[1], 'stops.lift', { id, reason: 'campaign' });
  }

  /** The liar works on until it is found out; once, and for good. */
  async #isViolated(): Promise<void> {
    const { slug } = this.#crew.doors.liar;
    await this.#steps.take('work', () => this.#living.violate());
    const alerts = `select 1 from alerts a join rules r on r.id = a.rule_id
      join agents g on g.id = a.agent_id where r.slug = 'stop-violated' and g.slug = '${slug}'
      and a.state <> 'resolved'`;
    await until('the violation has its alert', async () => (await this.#count(alerts)) > 0);
    this.#ledger.violators.add(slug);
    this.#ledger.faithful.add(this.#crew.doors.truthful.slug);
    this.#ledger.faithful.add(this.#crew.doors.poller.slug);
    if (this.#blow.take('violated')) {
      await this.#blow.fall();
      await this.#blow.over();
    }
  }

  /** Who works unheard is shown so; who obeys comes to be green; who violates does not. */
  async #seesSilence(): Promise<void> {
    const { doors } = this.#crew;
    const wanted = new Map([
      [doors.silent.slug, 'unreachable'],
      [doors.truthful.slug, 'quiet'],
      [doors.poller.slug, 'quiet'],
    ]);
    await this.#watch.until(
      'silent unreachable, obedient quiet',
      ({ ladder }) =>
        [...wanted].every(([slug, step]) =>
          ladder.some((row) => row.agent === slug && row.step === step),
        ),
      patienceMs,
    );
  }

  /** As `signalbox stops` has it. */
  async #isListed(stopId: string): Promise<void> {
    const { stack } = this.#scene;
    const { owner, app, worker } = stack.urls();
    const env = childEnv({
      SIGNALBOX_DATA_DIR: stack.folder,
      DATABASE_URL: app,
      SIGNALBOX_WORKER_DATABASE_URL: worker,
      SIGNALBOX_OWNER_DATABASE_URL: owner,
      NODE_ENV: 'production',
    });
    const list = [join(root, 'server', 'cli.ts'), 'stops', '--json'];
    const { stdout } = await run(process.execPath, list, { env });
    const { items } = listedSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
    const mine = items.find(({ id }) => id === stopId);
    if (mine?.state !== 'active') this.#ledger.fault('listUntrue', `it stands: ${mine?.state}`);
    for (const { id, state, acknowledgedAt } of items) {
      if (state === 'active' && acknowledgedAt === null) this.#ledger.fault('listUntrue', id);
    }
  }

  /** The truthful one goes on by two people's word, works, and is held again. */
  async #oneGoesFirst(stop: Pressed): Promise<void> {
    const { doors } = this.#crew;
    const { people } = this.#scene;
    const agentId = await this.#agentId(doors.truthful.slug);
    const wish = { id: stop.id, agentId, reason: 'campaign' };
    this.#living.expect(null);
    await this.#doors.mutate(null, people[0], 'stops.resumeAgent', wish);
    await this.#doors.mutate('resume', people[1], 'stops.resumeAgent', wish);
    const open = `select 1 from stop_resumptions where stop_id = '${uuidOf(stop.id)}'`;
    const resumed = await this.#count(`${open} and ended_at is null`);
    if (resumed !== 1) this.#ledger.fault('resumedUntrue', `${resumed} go first`);
    await this.#living.goesOn();
    const permit = await this.#takePermit(doors.truthful);
    const asked = await this.#steps.send(null, () => ask(doors.liar, soon()));
    if (asked.status !== 423) this.#ledger.fault('granted', `beside one: ${asked.status}`);
    const heldFromMs = Date.now();
    await this.#holdAgain(wish);
    const held = await this.#count(`${open} and ended_at is not null`);
    if (held !== 1) this.#ledger.fault('heldUntrue', `${held} held again`);
    await this.#isAcknowledged(stop.id);
    this.#living.expect(stop.id);
    // In a hurry: of one that had said that it stopped, this would violate the stop a few seconds later.
    if (Date.now() - heldFromMs < attemptMs) {
      const late = await this.#redeem(permit, doors.truthful.key);
      if (late.status !== 423) this.#ledger.fault('granted', `of one held again: ${late.status}`);
    }
    const [now] = await withAdminPatiently(
      this.#scene.stack,
      (sql) => sql<{ epoch: number }[]>`select epoch::int from stops where id = ${uuidOf(stop.id)}`,
    );
    await this.#living.haveHeard(stop.id, now?.epoch ?? 0);
  }

  async #holdAgain(wish: { readonly id: string; readonly agentId: string }): Promise<void> {
    const ended = `select 1 from stop_resumptions where stop_id = '${uuidOf(wish.id)}' and ended_at is not null`;
    const isHeld = async () => (await this.#count(ended)) === 1;
    if (this.#plan.heldBy === 'alert') {
      const batches = makeTrace(this.#crew.environment, 'alarming', this.#random, true);
      const { slug: agent, key } = this.#crew.doors.truthful;
      const told = batches.map((batch) => batch.map((event) => ({ ...event, agent })));
      const spare = { acknowledged: new Set<string>(), alarming: new Set<string>(), retried: 0 };
      await sendTrace({ url: this.#scene.stack.proxy.url, key }, told, spare);
      await this.#blow.beside('held', until('its alert holds it', isHeld));
      return until('its alert holds it', isHeld);
    }
    // Not drained until it is answered, so that the strike falls between its two transactions.
    const letGo = this.#plan.step === 'held' ? await holdGate(this.#scene.stack) : null;
    const working = this.#askToHold(wish);
    working.catch(() => undefined);
    if (this.#blow.take('held')) {
      await until('it is held', isHeld);
      await this.#blow.fall();
      await this.#blow.over();
    }
    const state = await working;
    await checkClaim(this.#table, { id: wish.id, state });
    await letGo?.();
  }

  /** @returns the state in which the stop is said to be */
  async #askToHold(wish: { readonly id: string }): Promise<string> {
    if (this.#plan.heldBy === 'press') {
      const body = JSON.stringify({ scope: this.#table.scope, level: 2, reason: 'campaign' });
      const answer = await this.#doors.post(null, '/api/v1/stops', body, this.#scene.program);
      return z.looseObject({ state: z.string() }).parse(await jsonOf(answer)).state;
    }
    const person = this.#scene.people[0];
    const answer = await this.#doors.mutate(null, person, 'stops.holdAgain', wish);
    return heldAgainSchema.parse(answer).state;
  }

  /** One person proposes it and nothing changes; the second lifts it, and all go on. */
  async #isLifted(id: string): Promise<void> {
    const { people } = this.#scene;
    const wish = { id, reason: 'campaign' };
    const proposed = await this.#doors.mutate('ask', people[0], 'stops.lift', wish);
    const { missing } = missingSchema.parse(proposed);
    const asked = await this.#steps.send(null, () => ask(this.#crew.doors.liar, soon()));
    if (missing !== 1 || asked.status !== 423) {
      this.#ledger.fault('liftedUntrue', `one asked: ${missing} missing, ${asked.status}`);
    }
    this.#living.expect(null);
    await this.#doors.mutate('lift', people[1], 'stops.lift', wish);
    const lifted = await this.#count(
      `select 1 from stops where id = '${uuidOf(id)}' and state = 'lifted'`,
    );
    if (lifted !== 1) this.#ledger.fault('liftedUntrue', 'two asked');
    await this.#living.goesOn();
    await this.#takePermit(this.#crew.doors.poller);
  }

  /** RFC 3339, by the database's clock. */
  async #acknowledgedAt(id: string): Promise<string> {
    const [row] = await withAdminPatiently(
      this.#scene.stack,
      (sql) => sql<{ at: string }[]>`select acknowledged_at::text as at from stops
        where id = ${uuidOf(id)}`,
    );
    return row?.at ?? '';
  }

  async #agentId(slug: string): Promise<string> {
    const found = await this.#doors.query(this.#scene.people[0], 'agents.get', { agent: slug });
    return z.looseObject({ id: z.string() }).parse(found).id;
  }

  #count(query: string): Promise<number> {
    return withAdminPatiently(this.#scene.stack, (sql) => countRows(sql, query));
  }
}
