import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { createSql } from '#db/client.ts';
import { seededRandom } from '#server/demo/fill-template.ts';
import { type CrashStack, startCrashStack, type Victim, victims } from './crash-stack.ts';
import { CrashSteps, type Strike } from './crash-steps.ts';
import { type HoldPeople, makeHoldPeople } from './hold-crash-people.ts';
import { type HoldLedger, type HoldVerdict, judgeHold } from './hold-crash-verdict.ts';

/** Where a strike falls: while this step is under way. */
const steps = [
  'ask',
  'hold',
  'vote',
  'redeem',
  'outcome',
  'stop',
  'lift',
  'edit',
  'cancel',
  'expire',
] as const;
type Step = (typeof steps)[number];

export interface HoldCrashResult {
  readonly name: 'hold-crash';
  readonly seed: number;
  readonly rounds: number;
  readonly struck: Readonly<Record<string, number>>;
  /** Requests that got no answer and were sent again. */
  readonly retried: number;
  readonly selfEnded: readonly string[];
  readonly verdict: HoldVerdict;
  readonly ok: boolean;
}

const tool = 'write_file';
const actionSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  permit: z.string().nullable(),
  approval: z.looseObject({ id: z.string() }).nullable(),
});
const redeemSchema = z.looseObject({ redemptionId: z.string() });
const stopSchema = z.looseObject({ id: z.string() });

/** One step at a time, tried again until it is answered, and a strike at the chosen one. */
class Round {
  readonly #stack: CrashStack;
  readonly #people: HoldPeople;
  readonly #ledger: HoldLedger;
  readonly #steps: CrashSteps<Step>;

  constructor(stack: CrashStack, people: HoldPeople, ledger: HoldLedger, strike: Strike<Step>) {
    this.#stack = stack;
    this.#people = people;
    this.#ledger = ledger;
    this.#steps = new CrashSteps(strike);
  }

  get retried(): number {
    return this.#steps.retried;
  }

  /** Every way that an action may go, one after another. */
  async run(): Promise<void> {
    await this.#runThrough();
    await this.#runEdited();
    await this.#runCancelled();
    await this.#runLate();
  }

  /** An allowed action, a held one, and both again under a stop and after its lift. */
  async #runThrough(): Promise<void> {
    const allowed = await this.#ask('ask', 'read_file');
    await this.#redeem('redeem', allowed.permit ?? '');
    const { approvalId, ...held } = await this.#hold('hold');
    await this.#steps.take('vote', () => this.#people.approve(approvalId));
    this.#ledger.approved.add(held.id);
    const { permit } = await this.#read(held.id);
    await this.#redeem('redeem', permit ?? '');
    await this.#post('outcome', `/api/v1/actions/${held.id}/outcome`, { status: 'succeeded' });
    this.#ledger.ended.add(held.id);
    const late = await this.#ask('ask', 'read_file');
    const scope = { kind: 'tenant' };
    const body = { scope, level: 1, reason: 'campaign' };
    const stop = stopSchema.parse(await this.#post('stop', '/api/v1/stops', body, 'service'));
    const refused = await this.#send('/api/v1/permits/redeem', {
      permit: late.permit,
      args: late.args,
    });
    if (refused?.status !== 423) this.#ledger.slipped += 1;
    await this.#steps.take('lift', () => this.#people.lift(stop.id));
  }

  /** A reviewer changes what it would do: only that may run. */
  async #runEdited(): Promise<void> {
    const { id, approvalId, args } = await this.#hold(null);
    const edited = { ...args, path: '/b' };
    await this.#steps.take('edit', () => this.#people.edit(approvalId, edited));
    await this.#people.approve(approvalId);
    this.#ledger.approved.add(id);
    this.#ledger.args.set(id, edited);
    const { permit } = await this.#read(id);
    const refused = await this.#send('/api/v1/permits/redeem', { permit, args });
    if (refused.status !== 409) this.#ledger.slipped += 1;
    await this.#redeem(null, permit ?? '');
  }

  /** The agent takes it back: nobody can approve it any more. */
  async #runCancelled(): Promise<void> {
    const { id, approvalId } = await this.#hold(null);
    const path = `/api/v1/actions/${id}`;
    const answer = await this.#steps.send('cancel', () => this.#fetch(path, null));
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    this.#ledger.cancelled.add(id);
    await this.#people.approve(approvalId);
    const after = await this.#read(id);
    if (after.state !== 'cancelled' || after.permit !== null) this.#ledger.slipped += 1;
  }

  /** Its time runs out while people vote: it is approved in time, or never. */
  async #runLate(): Promise<void> {
    const { id, approvalId } = await this.#hold(null);
    await this.#people.shorten(approvalId);
    await this.#steps.take('expire', () => this.#people.approve(approvalId));
    const after = await this.#read(id);
    if (after.state === 'approved') this.#ledger.approved.add(id);
    else if (after.state !== 'expired' || after.permit !== null) this.#ledger.slipped += 1;
  }

  async #hold(step: Step | null) {
    const held = await this.#ask(step, tool);
    const approvalId = held.approval?.id;
    if (approvalId === undefined) throw new Error('the action was not held');
    return { ...held, approvalId };
  }

  async #ask(step: Step | null, name: string) {
    const key = randomUUID();
    const args = name === tool ? { path: '/a', content: key } : { path: '/notes' };
    const answer = await this.#post(step, '/api/v1/actions', { tool: name, args }, 'agent', key);
    const action = actionSchema.parse(answer);
    const again = actionSchema.parse(
      await this.#post(null, '/api/v1/actions', { tool: name, args }, 'agent', key),
    );
    if (again.id !== action.id) this.#ledger.slipped += 1;
    this.#ledger.asked.add(action.id);
    this.#ledger.args.set(action.id, args);
    return { ...action, args };
  }

  async #redeem(step: Step | null, permit: string): Promise<void> {
    const claims = z
      .looseObject({ act: z.string() })
      .parse(JSON.parse(Buffer.from(permit.split('.')[1] ?? '', 'base64url').toString()));
    const body = { permit, args: this.#ledger.args.get(claims.act) };
    const key = randomUUID();
    const first = redeemSchema.parse(
      await this.#post(step, '/api/v1/permits/redeem', body, 'agent', key),
    );
    this.#ledger.redeemed.set(claims.act, first.redemptionId);
    const second = await this.#send('/api/v1/permits/redeem', body, 'agent', randomUUID());
    if (second?.status !== 409) this.#ledger.slipped += 1;
  }

  async #read(id: string) {
    const answer = await this.#steps.send(null, () => this.#get(`/api/v1/actions/${id}?wait=0`));
    return actionSchema.parse(await answer.json());
  }

  #get(path: string): Promise<Response> {
    const headers = { authorization: `Bearer ${this.#people.agentKey}` };
    return fetch(`${this.#stack.proxy.url}${path}`, { headers });
  }

  async #post(
    step: Step | null,
    path: string,
    body: unknown,
    as: 'agent' | 'service' = 'agent',
    key: string = randomUUID(),
  ): Promise<unknown> {
    const answer = await this.#steps.send(step, () => this.#fetch(path, body, as, key));
    if (!answer.ok) throw new Error(`${path} answered ${answer.status}: ${await answer.text()}`);
    return answer.json();
  }

  #send(path: string, body: unknown, as: 'agent' | 'service' = 'agent', key = randomUUID()) {
    return this.#steps.send(null, () => this.#fetch(path, body, as, key));
  }

  /** A null body takes the thing at the path away. */
  #fetch(
    path: string,
    body: unknown,
    as: 'agent' | 'service' = 'agent',
    key: string = randomUUID(),
  ): Promise<Response> {
    const bearer = as === 'agent' ? this.#people.agentKey : this.#people.serviceKey;
    return fetch(`${this.#stack.proxy.url}${path}`, {
      method: body === null ? 'DELETE' : 'POST',
      headers: {
        authorization: `Bearer ${bearer}`,
        'content-type': 'application/json',
        'idempotency-key': key,
      },
      ...(body === null ? {} : { body: JSON.stringify(body) }),
    });
  }
}

/**
 * kill -9 of web, worker and Postgres while an action is asked for, held, voted on, redeemed, ended,
 * stopped and lifted, edited, cancelled and too late, then: what was answered is so, nothing ran twice or unapproved, nothing was
 * granted or redeemed under an acknowledged stop, and every change has its audit row.
 */
export async function runHoldCrashCampaign(rounds: number, seed: number): Promise<HoldCrashResult> {
  const random = seededRandom(seed);
  const stack = await startCrashStack();
  const people = await makeHoldPeople(stack);
  const ledger: HoldLedger = {
    asked: new Set(),
    approved: new Set(),
    redeemed: new Map(),
    ended: new Set(),
    cancelled: new Set(),
    args: new Map(),
    slipped: 0,
  };
  const struck: Record<string, number> = {};
  let retried = 0;
  try {
    for (let n = 0; n < rounds; n += 1) {
      const victim: Victim = victims[n % victims.length] ?? 'web';
      const target = steps[Math.floor(n / victims.length + n) % steps.length] ?? 'ask';
      let hasStruck = false;
      const round = new Round(stack, people, ledger, async (step, working) => {
        if (step !== target || hasStruck) return;
        hasStruck = true;
        // Anywhere from before its arrival to after its commit.
        await Promise.race([working.catch(() => undefined), wait(random() * 25)]);
        await stack.kill(victim);
        stack.proxy.cut();
        stack.proxy.release();
        await stack.restart(victim);
        people.reconnect();
        struck[`${victim} at ${target}`] = (struck[`${victim} at ${target}`] ?? 0) + 1;
      });
      await round.run();
      retried += round.retried;
      process.stderr.write(`round ${n + 1}/${rounds}: ${victim} at ${target}\n`);
    }
    const sql = createSql(stack.adminUrl(), { connectionsMax: 1 });
    const verdict = await judgeHold(sql, ledger);
    await sql.end();
    const selfEnded = stack.selfEnded();
    const ok =
      selfEnded.length === 0 &&
      ledger.redeemed.size === 3 * rounds &&
      Object.values(verdict).every((fault) => fault === 0);
    return { name: 'hold-crash', seed, rounds, struck, retried, selfEnded, verdict, ok };
  } finally {
    await people.close();
    await stack.stop();
  }
}
