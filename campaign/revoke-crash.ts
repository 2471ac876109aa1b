import { z } from 'zod';
import { seededRandom } from '#server/demo/fill-template.ts';
import { withAdmin } from './crash-database.ts';
import { CrashDoors, jsonOf, keyCaller } from './crash-doors.ts';
import { type CrashStack, startCrashStack, type Victim, victims } from './crash-stack.ts';
import { CrashSteps } from './crash-steps.ts';
import { Blow, type RevokeStep, revokeSteps } from './revoke-crash-blow.ts';
import { type CrashProvider, startCrashProvider } from './revoke-crash-provider.ts';
import {
  type Family,
  type FamilyCredential,
  makeRevokeScene,
  type RevokeScene,
} from './revoke-crash-scene.ts';
import {
  countShownTooSoon,
  judgeRevoke,
  type RevokeLedger,
  type RevokeVerdict,
  type ShownStates,
  waitForEnds,
} from './revoke-crash-verdict.ts';

/** What is pressed: revoke of the root with its cascade, of the child alone, or contain of the agent. */
const presses = ['cascade', 'single', 'contain'] as const;
type Press = (typeof presses)[number];

export interface RevokeCrashResult {
  readonly name: 'revoke-crash';
  readonly seed: number;
  readonly rounds: number;
  readonly struck: Readonly<Record<string, number>>;
  readonly pressed: Readonly<Record<Press, number>>;
  /** How many credentials came to be shown in each state. */
  readonly shown: Readonly<Record<string, number>>;
  /** Requests that got no answer and were sent again. */
  readonly retried: number;
  readonly selfEnded: readonly string[];
  readonly verdict: RevokeVerdict;
  readonly ok: boolean;
}

/** A short run does not wait until the claims of dead workers run out: it moves their time. */
const shortRounds = 30;
/** Credentials of a family: all are its agent's. */
const cutByContaining = 3;

const leaseSchema = z.object({ token: z.string() });
const activeSchema = z.object({ active: z.boolean() });
const detailSchema = z.looseObject({ state: z.string() });
const itemSchema = z.object({ credentialId: z.string().nullable(), state: z.string() });
const containmentSchema = z.looseObject({ items: z.array(itemSchema) });

interface Table {
  readonly stack: CrashStack;
  readonly provider: CrashProvider;
  readonly scene: RevokeScene;
  readonly ledger: RevokeLedger;
}

/** One family of credentials, its leases, one press, and a strike on the way to the proof. */
class Round {
  readonly #table: Table;
  readonly #family: Family;
  readonly #press: Press;
  readonly #blow: Blow;
  readonly #steps: CrashSteps<RevokeStep>;
  readonly #doors: CrashDoors<RevokeStep>;

  constructor(table: Table, family: Family, press: Press, blow: Blow) {
    this.#table = table;
    this.#family = family;
    this.#press = press;
    this.#blow = blow;
    this.#steps = new CrashSteps((step, working) => blow.beside(step, working));
    this.#doors = new CrashDoors(table.stack, this.#steps);
  }

  get retried(): number {
    return this.#steps.retried;
  }

  async run(isCommitStruck: boolean): Promise<void> {
    const { ledger, provider } = this.#table;
    const { root, child, jwt } = this.#family;
    const all = [root, child, jwt];
    for (const credential of all) ledger.credentials.set(credential.id, credential);
    const leases = new Map<FamilyCredential, string>();
    for (const credential of all) leases.set(credential, await this.#takeLease(credential));
    for (const lease of leases.values()) if (!(await this.#isActive(lease))) ledger.leasesLost += 1;
    provider.watch((call) => this.#blow.onCall(call));
    await this.#pressIt(isCommitStruck ? 'commit' : 'way');
    const doomed = this.#press === 'single' ? [child] : all;
    for (const { id } of doomed) ledger.revoked.add(id);
    const askAll = async (step: RevokeStep | null) => {
      for (const [credential, lease] of leases) {
        const isActive = await this.#isActive(lease, step);
        if (isActive && doomed.includes(credential)) ledger.leasesAlive += 1;
        if (!isActive && !doomed.includes(credential)) ledger.leasesLost += 1;
      }
    };
    await askAll('lease');
    await this.#blow.over();
    await askAll(null);
    const shown = new Map<string, string>();
    for (const { id } of all) shown.set(id, await this.readState(id));
    if (this.#press === 'contain') {
      ledger.contained.add(this.#family.agent);
      const items = await this.readItems(this.#family.agent);
      for (const [id, state] of items) if (state === 'confirmed') shown.set(id, 'revoked');
    }
    ledger.shownTooSoon += await withAdmin(this.#table.stack, (sql) =>
      countShownTooSoon(sql, provider, ledger, shown),
    );
  }

  /** As the page of a credential has it. */
  async readState(id: string): Promise<string> {
    const { person } = this.#table.scene;
    return detailSchema.parse(await this.#doors.query(person, 'credentials.get', { id })).state;
  }

  /** The credentials of a containment as its page has them. */
  async readItems(agent: string): Promise<ShownStates> {
    const { person } = this.#table.scene;
    const found = await this.#doors.query(person, 'containments.find', { agent });
    const states = new Map<string, string>();
    for (const { credentialId, state } of containmentSchema.parse(found).items) {
      if (credentialId !== null) states.set(credentialId, state);
    }
    return states;
  }

  async #pressIt(step: RevokeStep): Promise<void> {
    const { root, child, agent } = this.#family;
    const id = this.#press === 'single' ? child.id : root.id;
    const [verb, input] =
      this.#press === 'contain'
        ? ['containments.begin', { agent, reason: 'campaign' }]
        : ['credentials.revoke', { id, reason: 'campaign' }];
    const answer = await this.#doors.mutate(step, this.#table.scene.person, verb, input);
    if (answer === null) throw new Error(`${verb} was refused`);
  }

  async #takeLease({ tool }: FamilyCredential): Promise<string> {
    const wish = JSON.stringify({ tool, scopes: ['use'], ttlSeconds: 3600 });
    const caller = keyCaller(this.#family.agentKey);
    const answer = await this.#doors.post(null, '/api/v1/leases', wish, caller);
    return leaseSchema.parse(await jsonOf(answer)).token;
  }

  /** What is told to whoever stands before the tool. */
  async #isActive(token: string, step: RevokeStep | null = null): Promise<boolean> {
    const caller = keyCaller(this.#table.scene.enforcerKey);
    const body = new URLSearchParams({ token });
    const answer = await this.#doors.post(step, '/oauth/introspect', body, caller);
    return activeSchema.parse(await jsonOf(answer)).active;
  }
}

/** What the n-th round is about: in ninety of them each victim meets each step of each press once. */
function planOf(n: number) {
  const at = n % victims.length;
  const turn = Math.floor(n / victims.length);
  const victim: Victim = victims[at] ?? 'web';
  const step: RevokeStep = revokeSteps[(turn + 3 * at) % revokeSteps.length] ?? 'commit';
  const press: Press = presses[(turn + at) % presses.length] ?? 'cascade';
  return { victim, step, press };
}

/**
 * kill -9 of web, worker and Postgres at every step of a revocation, then: what was acknowledged goes on
 * to its end, nothing is called revoked that the provider honours or no probe has proven, no lease of it
 * lives, and each move stands once in the audit log.
 */
export async function runRevokeCrashCampaign(
  rounds: number,
  seed: number,
): Promise<RevokeCrashResult> {
  const random = seededRandom(seed);
  const provider = await startCrashProvider();
  const stack = await startCrashStack({ SIGNALBOX_PROVIDER_HOSTS: provider.host });
  const ledger: RevokeLedger = {
    credentials: new Map(),
    revoked: new Set(),
    contained: new Set(),
    itemsUntrue: 0,
    leasesAlive: 0,
    leasesLost: 0,
    shownTooSoon: 0,
  };
  const struck: Record<string, number> = {};
  const pressed = { cascade: 0, single: 0, contain: 0 };
  let retried = 0;
  let last: Round | null = null;
  try {
    const scene = await makeRevokeScene(stack, provider);
    const table: Table = { stack, provider, scene, ledger };
    for (let n = 0; n < rounds; n += 1) {
      const { victim, step, press } = planOf(n);
      const family = await scene.makeFamily(`revoked-${n}`);
      const { id: credentialId, token } =
        press === 'single' || random() < 0.5 ? family.child : family.root;
      const blow = new Blow(stack, { victim, step, credentialId, token }, random);
      last = new Round(table, family, press, blow);
      await last.run(step === 'commit');
      pressed[press] += 1;
      struck[`${victim} at ${step}`] = (struck[`${victim} at ${step}`] ?? 0) + 1;
      retried += last.retried;
      process.stderr.write(`round ${n + 1}/${rounds}: ${victim} at ${step} of ${press}\n`);
    }
    provider.watch(null);
    await withAdmin(stack, (sql) => waitForEnds(sql, rounds < shortRounds));
    const shown = last === null ? new Map<string, string>() : await readStates(last, ledger);
    const verdict = await withAdmin(stack, async (sql) => {
      ledger.shownTooSoon += await countShownTooSoon(sql, provider, ledger, shown);
      return judgeRevoke(sql, provider, ledger, shown);
    });
    const states = tally(shown.values());
    const selfEnded = stack.selfEnded();
    const ok =
      selfEnded.length === 0 &&
      (states['revoked'] ?? 0) >= rounds &&
      Object.values(verdict).every((fault) => fault === 0);
    const counts = { struck, pressed, shown: states, retried };
    return { name: 'revoke-crash', seed, rounds, ...counts, selfEnded, verdict, ok };
  } finally {
    await stack.stop();
    await provider.close();
  }
}

/** What is shown of every credential, and of those that were cut by containing. */
async function readStates(round: Round, ledger: RevokeLedger): Promise<ShownStates> {
  const shown = new Map<string, string>();
  for (const id of ledger.credentials.keys()) shown.set(id, await round.readState(id));
  for (const agent of ledger.contained) {
    const items = await round.readItems(agent);
    if (items.size !== cutByContaining) ledger.itemsUntrue += 1;
    for (const [id, state] of items) {
      const isOpaque = ledger.credentials.get(id)?.kind === 'opaque';
      if (state !== (isOpaque ? 'confirmed' : 'unverifiable')) ledger.itemsUntrue += 1;
    }
  }
  return shown;
}

function tally(values: Iterable<string>): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const value of values) counts[value] = (counts[value] ?? 0) + 1;
  return counts;
}
