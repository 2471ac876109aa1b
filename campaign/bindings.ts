import { randomBytes } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { canonicalize as judge } from 'json-canonicalize';
import { issueKey } from '#server/agents/issue-key.ts';
import { castVote } from '#server/approvals/cast-vote.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { startWeb } from '#server/http/main.ts';
import { cliActor, makeCtx } from '#server/testing/factories.ts';
import { type HoldScene, makeHoldScene } from '#server/testing/hold-scene.ts';
import { makeServices } from '#server/testing/make-services.ts';
import {
  createDice,
  type Dice,
  makeArguments,
  mutate,
  spell,
} from '#server/testing/json-spellings.ts';
import { openCampaignBed } from './hold-bed.ts';

const atOnce = 8;
const triesMax = 5;
const pauseMs = 500;

export interface BindingsResult {
  readonly name: 'bindings';
  readonly seed: number;
  readonly rounds: number;
  /** Mutants of approved actions that were redeemed: none may be. */
  readonly mutantsRedeemed: number;
  readonly mutantsRefused: number;
  /** Other spellings of approved actions that were refused: none may be. */
  readonly spellingsRefused: number;
  readonly spellingsRedeemed: number;
  /** Redeems that nothing was decided about (503), sent again as an agent would. */
  readonly sentAgain: number;
  readonly ok: boolean;
}

interface Door {
  readonly url: string;
  readonly key: string;
  readonly scene: HoldScene;
}

/** A body as text: what is sent is exactly this spelling. */
async function post({ url, key }: Door, path: string, body: string) {
  const answer = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': randomBytes(9).toString('hex'),
    },
    body,
  });
  return { status: answer.status, body: (await answer.json()) as Record<string, unknown> };
}

/** An approved action with arguments of this spelling; its permit. */
async function approve(door: Door, args: string): Promise<string> {
  const asked = await post(door, '/api/v1/actions', `{"tool":"query_database","args":${args}}`);
  const held = asked.body as { id: string; approval: { id: string } | null };
  const [reviewer] = door.scene.reviewers;
  if (!reviewer || !held.approval) throw new Error(`not held: ${JSON.stringify(asked.body)}`);
  const { digest } = await readApprovalDetail(reviewer, held.approval.id);
  await castVote(reviewer, { id: held.approval.id, verdict: 'approve', reason: '', digest });
  const read = await fetch(`${door.url}/api/v1/actions/${held.id}`, {
    headers: { authorization: `Bearer ${door.key}` },
  });
  const { permit } = (await read.json()) as { permit: string | null };
  if (permit === null) throw new Error('approved, and no permit');
  return permit;
}

type Tally = { -readonly [K in keyof BindingsResult]: BindingsResult[K] };

async function playRound(door: Door, dice: Dice, tally: Tally): Promise<void> {
  const value = makeArguments(dice);
  const permit = await approve(door, spell(value, dice));
  const redeem = async (args: string) => {
    const body = `{"permit":"${permit}","args":${args}}`;
    for (let tried = 1; ; tried += 1) {
      const answer = await post(door, '/api/v1/permits/redeem', body);
      if (answer.status !== 503 || tried === triesMax) return answer;
      tally.sentAgain += 1;
      await wait(pauseMs);
    }
  };
  const mutant = mutate(value, dice);
  // Whether it is another value is for the other implementation to say.
  if (judge(mutant) !== judge(value)) {
    const { status, body } = await redeem(spell(mutant, dice));
    if (status === 200) tally.mutantsRedeemed += 1;
    else if (body['type'] === '/problems/args-mismatch') tally.mutantsRefused += 1;
    else throw new Error(`a mutant got ${JSON.stringify(body)}`);
  }
  const again = await redeem(spell(value, dice));
  if (again.status === 200) tally.spellingsRedeemed += 1;
  else {
    tally.spellingsRefused += 1;
    process.stderr.write(`a spelling got ${JSON.stringify(again)}\n`);
  }
}

/**
 * Approved actions through the real doors: a mutant of each must redeem nothing, and another spelling
 * of the same value must be accepted. Mutants and spellings come from code that shares nothing with
 * the product's canonicaliser.
 */
export async function runBindingsCampaign(rounds: number, seed: number): Promise<BindingsResult> {
  const { bed, stop } = await openCampaignBed();
  const services = makeServices(bed);
  const web = await startWeb({ services, host: '127.0.0.1', port: 0, hasPages: false });
  const tally: Tally = {
    name: 'bindings',
    seed,
    rounds,
    mutantsRedeemed: 0,
    mutantsRefused: 0,
    spellingsRefused: 0,
    spellingsRedeemed: 0,
    sentAgain: 0,
    ok: false,
  };
  try {
    const scene = await makeHoldScene(bed, { reviewers: 1 });
    const cli = makeCtx(bed.owner, scene.tenant.id, cliActor);
    const { key } = await issueKey(cli, { kind: 'agent', name: 'k', agent: 'payer', tools: [] });
    const door: Door = { url: `http://127.0.0.1:${web.port}`, key, scene };
    let next = 0;
    const play = async (): Promise<void> => {
      for (let round = next++; round < rounds; round = next++) {
        await playRound(door, createDice(seed + round), tally);
      }
    };
    await Promise.all(Array.from({ length: atOnce }, play));
    const isClean = tally.mutantsRedeemed === 0 && tally.spellingsRefused === 0;
    return {
      ...tally,
      ok: isClean && tally.mutantsRefused > 0 && tally.spellingsRedeemed === rounds,
    };
  } finally {
    await web.close();
    await services.db.$client.end({ timeout: 2 });
    await stop();
  }
}
