import { setTimeout as wait } from 'node:timers/promises';
import type { Random } from '#server/demo/fill-template.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { CrashBlow } from './crash-blow.ts';
import { withAdmin } from './crash-database.ts';
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

/** One kill -9 of a round, at its step, and the start again. */
export class Blow {
  readonly #stack: CrashStack;
  readonly #plan: BlowPlan;
  readonly #blow: CrashBlow<RevokeStep>;
  /** Probes are struck before they reach the provider, or with their answer held back. */
  readonly #isLate: boolean;

  constructor(stack: CrashStack, plan: BlowPlan, random: Random) {
    this.#stack = stack;
    this.#plan = plan;
    this.#blow = new CrashBlow(stack, plan, random);
    this.#isLate = random() < 0.5;
  }

  /** Beside a request that is under way through the proxy. */
  async beside(step: RevokeStep, working: Promise<unknown>): Promise<void> {
    if (step !== 'commit') return this.#blow.beside(step, working);
    if (!this.#blow.take(step)) return;
    // Before its answer can have come: nothing was awaited since it was sent.
    this.#stack.proxy.hold();
    await this.#waitFor('revoke_requested_at is not null');
    await this.#blow.fall();
    await this.#blow.over();
  }

  /** At the provider's door, which waits for what this returns. */
  async onCall(call: ProviderCall): Promise<void> {
    const { token, step } = this.#plan;
    if (call.token !== token || !this.#isMet(call) || !this.#blow.take(step)) return;
    if (step !== 'told' && step !== 'proof') return this.#blow.fall();
    void this.#blow.pause().then(() => this.#blow.fall());
  }

  /** Resolves once it has fallen and everything is up again. @throws Error when its step never came */
  async over(): Promise<void> {
    if (this.#blow.take('claim')) {
      await this.#waitFor(`exists (select 1 from revocations r where r.credential_id = c.id
        and r.target = 'provider' and (r.claimed_until is not null or r.state <> 'requested'))`);
      await this.#blow.fall();
    }
    await this.#blow.over();
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

  /** Until it is so of the credential, as another session sees it. */
  async #waitFor(condition: string): Promise<void> {
    await withAdmin(this.#stack, async (sql) => {
      for (const deadline = Date.now() + patienceMs; ; await wait(2)) {
        const found = await sql.unsafe(`select 1 from credentials c where ${condition}
          and c.id = '${uuidOf(this.#plan.credentialId)}'`);
        if (found.length > 0) return;
        if (Date.now() > deadline) throw new Error(`${this.#plan.step}: waited for in vain`);
      }
    });
  }
}
