import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import type { PaymentScenario } from '#db/scenarios/payments.ts';
import { type Door, postEvents } from '#server/cli/post-events.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import type { Json, WireEvent } from '#server/telemetry/contract.ts';
import { chooseWords, fillTemplate, type Random, type Words } from './fill-template.ts';
import type { ControlFollower } from './follow-control.ts';
import type { AskedAction, HoldClient } from './hold-client.ts';

export interface PaymentRun {
  readonly scenario: PaymentScenario;
  readonly door: Door;
  readonly client: HoldClient;
  readonly control: ControlFollower;
  readonly instanceId: string;
  readonly stopped: AbortSignal;
  readonly random: Random;
  /** How long the agent thinks before it asks: its trace has to be known by then. */
  readonly think: () => Promise<unknown>;
  /** Events that were posted, for the budget of the demo. */
  readonly onPosted: (events: number) => void;
}

/** How a run ended; `stopped`: the gate refused it, and it did nothing further. */
export type PaymentEnd = 'paid' | 'refused' | 'stopped';

type Told = Pick<WireEvent, 'kind'> & Partial<WireEvent>;

/** One run's place in telemetry: posts events one after the other, below the first one. */
function teller(run: PaymentRun) {
  const runId = `pay-${randomUUID()}`;
  const traceId = sha256Hex(runId).slice(0, 32);
  const sessionId = `demo-${runId}`;
  let index = 0;
  const tell = async (told: Told): Promise<void> => {
    // A call that was made is told of whatever comes; everything else waits for the lift of a stop.
    if (told.kind !== 'tool_call') await run.control.whenFree();
    const spanOf = (n: number) => sha256Hex(`${runId}/${n}`).slice(0, 16);
    const now = new Date().toISOString();
    const event: WireEvent = {
      id: `demo-${runId}-${index}`,
      traceId,
      spanId: spanOf(index),
      parentSpanId: index === 0 ? null : spanOf(0),
      sessionId,
      agent: run.scenario.agent,
      instanceId: run.instanceId,
      startedAt: now,
      endedAt: now,
      status: 'ok',
      attributes: { demo: true },
      ...told,
    };
    index += 1;
    await postEvents(run.door, [event], { stopped: run.stopped });
    run.onPosted(1);
  };
  return { traceId, sessionId, tell };
}

/**
 * One run of an agent that asks before it acts: it reads what it was told to do, looks the invoice up
 * (allowed), asks to pay (held), waits for people, and pays only what it redeemed a permit for. It ends
 * where a stop reaches it.
 */
export async function runPayment(run: PaymentRun): Promise<PaymentEnd> {
  const { scenario, control } = run;
  await control.whenFree();
  const words = chooseWords(run.random);
  const place = teller(run);
  const { tell } = place;
  const fill = (template: Parameters<typeof fillTemplate>[0]) => fillTemplate(template, words);
  await tell({
    kind: 'user_message',
    input: fill(scenario.task),
    source: { trust: 'trusted', origin: null },
  });
  await tell({
    kind: 'llm_call',
    name: scenario.model,
    model: scenario.model,
    input: fill(scenario.task),
    output: fill(scenario.plan),
  });
  const lookedUp = await act(run, place, words, {
    tool: scenario.lookup.tool,
    args: scenario.lookup.args,
    reason: 'Needed to answer.',
    result: fill(scenario.lookup.result),
  });
  if (lookedUp !== 'done') return lookedUp;
  if (scenario.mail !== null) {
    await control.whenFree();
    await tell({
      kind: 'tool_call',
      name: 'read_email',
      input: { from: fill(scenario.mail.from) },
      output: fill(scenario.mail.text),
      source: { trust: 'untrusted', origin: 'email:inbox' },
    });
  }
  const paid = await act(run, place, words, { ...scenario.payment, result: { state: 'sent' } });
  if (paid === 'stopped') return 'stopped';
  await tell({
    kind: 'agent_message',
    output: paid === 'done' ? 'The payment is on its way.' : 'The payment was not approved.',
  });
  return paid === 'done' ? 'paid' : 'refused';
}

interface Deed {
  readonly tool: string;
  readonly args: Parameters<typeof fillTemplate>[0];
  readonly reason: string;
  readonly result: Json;
}

/** Asks, waits, redeems, does and reports one call. */
async function act(
  { client, control, stopped, instanceId, think }: PaymentRun,
  { traceId, sessionId, tell }: ReturnType<typeof teller>,
  words: Words,
  deed: Deed,
): Promise<'done' | 'refused' | 'stopped'> {
  const args = fillTemplate(deed.args, words) as Record<string, Json>;
  const said = fillTemplate(deed.reason, words);
  const reason = typeof said === 'string' ? said : '';
  const { tool } = deed;
  await think();
  if (control.isHalted()) return 'stopped';
  const asked = await client.ask({ tool, args, reason, traceId, sessionId, instanceId });
  if (asked === null) return 'stopped';
  const decided = await settle(client, control, stopped, asked);
  if (decided.next !== 'run') return 'refused';
  // What a reviewer made of it is what the permit is for.
  const final = (decided.editedArgs ?? args) as Record<string, Json>;
  if (control.isHalted() || !(await client.redeem(decided, final))) return 'stopped';
  const output = deed.result;
  const source = { trust: 'trusted', origin: null } as const;
  await tell({ kind: 'tool_call', name: tool, input: final, output, source, actionId: asked.id });
  await client.outcome(asked.id, final);
  return 'done';
}

/** A wait survives a stop: deadlines stand still, and after the lift the request is where it was. */
async function settle(
  client: HoldClient,
  control: ControlFollower,
  stopped: AbortSignal,
  asked: AskedAction,
): Promise<AskedAction> {
  if (asked.next !== 'wait') return asked;
  const decided = await client.decision(asked.id, stopped);
  if (!control.isHalted()) return decided;
  await control.whenFree();
  // A permit that a stop killed is of no use any more: read it again.
  return client.decision(asked.id, stopped);
}

/** Lets one agent run again and again until the demo ends. */
export async function keepPaying(run: PaymentRun, hasBudget: () => boolean): Promise<void> {
  const { stopped, scenario } = run;
  await wait(scenario.firstMs, undefined, { signal: stopped });
  while (hasBudget()) {
    await runPayment(run);
    await wait(scenario.restMs, undefined, { signal: stopped });
  }
}
