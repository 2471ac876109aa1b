import { setTimeout as wait } from 'node:timers/promises';
import { createSql } from '#db/client.ts';
import type { Random } from '#server/demo/fill-template.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { CrashStack, Victim } from './crash-stack.ts';
import type { ProviderCall } from './revoke-crash-provider.ts';

/**
 * Where a strike falls. Of the press: while it is under `way`, or on its `commit`, with the answer held
 * back. Of an introspection of a lease. Of the worker: when it has taken the revocation (`claim`), on the
 * probe before it (`look`), on the `call` that revokes before the provider knows of it and on its
 * `answer` once it is done, when that was `told`, on the `probe` after it, and when that is told (`proof`).
 */
export const revokeSteps = [
  'commit',
  'way',
  'lease',
  'answer',
  'call',
  'look',
  'told',
  'proof',
  'probe',
  'claim',
] as const;
export type RevokeStep = (typeof revokeSteps)[number];

export interface BlowPlan {
  readonly victim: Victim;
  readonly step: RevokeStep;
  /** The credential whose way is watched, and its token. */
  readonly credentialId: string;
  readonly token: string;
}

const patienceMs = 60_000;
/** A strike beside a request or behind an answer falls within so long. */
const spreadMs = 25;

/** One kill -9 of a round, at its step, and the start again. */
export class Blow {
  readonly #stack: CrashStack;
  readonly #plan: BlowPlan;
  readonly #delayMs: number;
  /** Probes are struck before they reach the provider, or with their answer held back. */
  readonly #isLate: boolean;
  #isDue = true;
  #restarted: Promise<void> | null = null;

  constructor(stack: CrashStack, plan: BlowPlan, random: Random) {
    this.#stack = stack;
    this.#plan = plan;
    this.#delayMs = random() * spreadMs;
    this.#isLate = random() < 0.5;
  }

  /** Beside a request that is under way through the proxy. */
  async beside(step: RevokeStep, working: Promise<unknown>): Promise<void> {
    if (!this.#take(step)) return;
    if (step === 'commit') {
      // Before its answer can have come: nothing was awaited since it was sent.
      this.#stack.proxy.hold();
      await this.#waitFor('revoke_requested_at is not null');
    } else await Promise.race([working.catch(() => undefined), wait(this.#delayMs)]);
    await this.#fall();
    await this.#restarted;
  }

  /** At the provider's door, which waits for what this returns. */
  async onCall(call: ProviderCall): Promise<void> {
    const { token, step } = this.#plan;
    if (call.token !== token || !this.#isMet(call) || !this.#take(step)) return;
    if (step !== 'told' && step !== 'proof') return this.#fall();
    void wait(this.#delayMs).then(() => this.#fall());
  }

  /** Resolves once it has fallen and everything is up again. @throws Error when its step never came */
  async over(): Promise<void> {
    if (this.#take('claim')) {
      await this.#waitFor(`exists (select 1 from revocations r where r.credential_id = c.id
        and r.target = 'provider' and (r.claimed_until is not null or r.state <> 'requested'))`);
      await this.#fall();
    }
    for (const deadline = Date.now() + patienceMs; this.#restarted === null; await wait(5)) {
      if (Date.now() > deadline) throw new Error(`the step ${this.#plan.step} never came`);
    }
    await this.#restarted;
  }

  #take(step: RevokeStep): boolean {
    const isMine = this.#isDue && step === this.#plan.step;
    if (isMine) this.#isDue = false;
    return isMine;
  }

  #isMet({ kind, isDone }: ProviderCall): boolean {
    switch (this.#plan.step) {
      case 'look':
      case 'probe':
        return kind === this.#plan.step && isDone === this.#isLate;
      case 'call':
        return kind === 'revoke' && !isDone;
      case 'answer':
      case 'told':
        return kind === 'revoke' && isDone;
      case 'proof':
        return kind === 'probe' && isDone;
      default:
        return false;
    }
  }

  /** What was held back is let go while the victim is away: a worker then writes to nobody. */
  async #fall(): Promise<void> {
    const { victim } = this.#plan;
    await this.#stack.kill(victim);
    this.#stack.proxy.cut();
    this.#stack.proxy.release();
    this.#restarted = this.#stack.restart(victim);
    // Looked at by whoever waits for it.
    this.#restarted.catch(() => undefined);
  }

  /** Until it is so of the credential, as another session sees it. */
  async #waitFor(condition: string): Promise<void> {
    const sql = createSql(this.#stack.adminUrl(), { connectionsMax: 1 });
    try {
      for (const deadline = Date.now() + patienceMs; ; await wait(2)) {
        const found = await sql.unsafe(`select 1 from credentials c where ${condition}
          and c.id = '${uuidOf(this.#plan.credentialId)}'`);
        if (found.length > 0) return;
        if (Date.now() > deadline) throw new Error(`${this.#plan.step}: waited for in vain`);
      }
    } finally {
      await sql.end({ timeout: 1 });
    }
  }
}
