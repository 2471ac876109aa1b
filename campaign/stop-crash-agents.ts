import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { type Door, postEvents } from '#server/cli/post-events.ts';
import { postJson, readServerSentEvents } from '#server/demo/follow-control.ts';
import type { WireEvent } from '#server/telemetry/contract.ts';

/** One instance of one agent, as it knows the outside world. */
export interface AgentDoor extends Door {
  readonly slug: string;
  readonly instanceId: string;
}

/** What is so of an instance. Only itself knows it; Signalbox has to find it out. */
export interface Reality {
  /** Since when it does nothing; null while it works. */
  haltedAtMs: number | null;
  /** Its word on the stop was sent. */
  hasAnswered: boolean;
  /** It was that it stopped with nothing running. */
  saidStopped: boolean;
  /** Start of its latest work that was taken in; null before the first. */
  workedAtMs: number | null;
}

/** How it bears itself: `silent` was connected, and works on where nobody hears it. */
export type Manner = 'truthful' | 'liar' | 'poller' | 'silent' | 'exporter';

export interface Witness {
  readonly manner: Manner;
  readonly reality: Reality;
}

export const atWork = (): Reality => ({
  haltedAtMs: null,
  hasAnswered: false,
  saidStopped: false,
  workedAtMs: null,
});

const workEachMs = 150;
const beatEachMs = 500;
const reconnectMs = 100;

const stopSchema = z.looseObject({
  stopId: z.string(),
  epoch: z.number(),
  scope: z.looseObject({ kind: z.string() }),
});
export type ToldStop = z.infer<typeof stopSchema>;
const stateSchema = z.looseObject({ stops: z.array(stopSchema) });
const liftSchema = z.looseObject({ stopId: z.string() });
const beatSchema = z.looseObject({ halted: z.boolean() });
const haltedSchema = z.looseObject({ stopId: z.string() });

/** Stops of a tool, a session or a credential halt no agent as a whole. */
const haltingScopes = new Set(['tenant', 'environment', 'agent', 'tree']);

async function openControl(door: AgentDoor, lastEventId: string | null, ended: AbortSignal) {
  const url = `${door.url}/api/v1/control?instanceId=${door.instanceId}`;
  const headers = {
    authorization: `Bearer ${door.key}`,
    ...(lastEventId === null ? {} : { 'last-event-id': lastEventId }),
  };
  const answer = await fetch(url, { headers, signal: ended });
  if (!answer.ok || answer.body === null) throw new Error(`the stream answered ${answer.status}`);
  return readServerSentEvents(answer.body);
}

/** An instance that follows the control stream, and goes on with its last id when that breaks. */
export class StreamAgent {
  readonly door: AgentDoor;
  readonly reality = atWork();
  /** Stop that each stream opened from now on has to tell of; null: none. */
  due: string | null = null;
  /** Streams that did not tell of the stop that was due. */
  untold = 0;
  lastEventId: string | null = null;
  readonly #onStop: (stop: ToldStop) => Promise<void>;
  readonly #obeys: boolean;
  /** Number of each stop that it was told of and that stands. */
  readonly #standing = new Map<string, number>();

  constructor(door: AgentDoor, obeys: boolean, onStop: (stop: ToldStop) => Promise<void>) {
    this.door = door;
    this.#obeys = obeys;
    this.#onStop = onStop;
  }

  /** The number under which it was last told of a stop that stands for it; null: it knows of none. */
  knows(stopId: string): number | null {
    return this.#standing.get(stopId) ?? null;
  }

  /** Until the round is over. */
  async follow(ended: AbortSignal): Promise<void> {
    while (!ended.aborted) {
      // The web is being started again, or the round ends: both show at the next try.
      await this.#listen(ended).catch(() => undefined);
      await wait(reconnectMs, undefined, { signal: ended }).catch(() => undefined);
    }
  }

  /** Whether a stream that resumes from an id tells of a stop in its state, and again as a change. */
  async resumesWith(since: string, stopId: string, withinMs: number) {
    const [over, told] = [AbortSignal.timeout(withinMs), { inState: false, asChange: false }];
    try {
      for await (const { event, data } of await openControl(this.door, since, over)) {
        const json: unknown = JSON.parse(data);
        if (event === 'state') {
          told.inState = stateSchema.parse(json).stops.some((stop) => stop.stopId === stopId);
        } else if (event === 'stop') {
          told.asChange ||= stopSchema.parse(json).stopId === stopId;
        }
        if (told.asChange) return told;
      }
    } catch {
      // Its time is over.
    }
    return told;
  }

  async #listen(ended: AbortSignal): Promise<void> {
    const due = this.due;
    for await (const { event, data, id } of await openControl(this.door, this.lastEventId, ended)) {
      this.lastEventId = id ?? this.lastEventId;
      if (event === 'resync') return;
      const json: unknown = JSON.parse(data);
      if (event === 'stop') this.#obey(stopSchema.parse(json));
      else if (event === 'lift') this.#goOn(liftSchema.parse(json).stopId);
      else if (event === 'state') {
        const { stops } = stateSchema.parse(json);
        const told = new Set(stops.map(({ stopId }) => stopId));
        if (due !== null && due === this.due && !told.has(due)) this.untold += 1;
        for (const known of this.#standing.keys()) if (!told.has(known)) this.#goOn(known);
        for (const stop of stops) this.#obey(stop);
      }
    }
  }

  #obey(stop: ToldStop): void {
    if (!haltingScopes.has(stop.scope.kind)) return;
    if ((this.#standing.get(stop.stopId) ?? -1) >= stop.epoch) return;
    this.#standing.set(stop.stopId, stop.epoch);
    if (this.#obeys) this.reality.haltedAtMs ??= Date.now();
    // Tried again until it is answered; the round looks at what comes of it.
    this.#onStop(stop).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
  }

  #goOn(stopId: string): void {
    if (!this.#standing.delete(stopId) || this.#standing.size > 0) return;
    Object.assign(this.reality, { haltedAtMs: null, hasAnswered: false, saidStopped: false });
  }
}

/** Says so often that it lives, with what it can do. */
export async function keepBeating(
  door: AgentDoor,
  capabilities: readonly string[],
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    await beat(door, capabilities, ended).catch(() => undefined);
    await wait(beatEachMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** @returns whether it is told that it is halted */
export async function beat(
  { url, key, instanceId }: AgentDoor,
  capabilities: readonly string[],
  ended: AbortSignal,
): Promise<boolean> {
  const answer = await postJson(
    { url, key },
    '/api/v1/heartbeat',
    { instanceId, capabilities },
    ended,
  );
  return beatSchema.parse(await answer.json()).halted;
}

/**
 * An instance that asks from time to time whether it may go on, and halts when it may not.
 * @param answers how it says so; null: it says nothing
 */
export async function keepPolling(
  door: AgentDoor,
  reality: Reality,
  answers: ((stopId: string) => Promise<void>) | null,
  ended: AbortSignal,
): Promise<void> {
  const look = async () => {
    if (!(await beat(door, ['poll', 'ask'], ended))) {
      Object.assign(reality, { haltedAtMs: null, hasAnswered: false, saidStopped: false });
      return;
    }
    reality.haltedAtMs ??= Date.now();
    if (answers === null || reality.hasAnswered) return;
    // A heartbeat names no stop; the refusal of what it would have asked next does.
    await answers(haltedSchema.parse(await (await ask(door, ended)).json()).stopId);
  };
  while (!ended.aborted) {
    await look().catch(() => undefined);
    await wait(workEachMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** One question whether it may act. */
export function ask({ url, key }: Door, ended: AbortSignal): Promise<Response> {
  const wanted = { tool: 'read_file', args: { path: '/notes' } };
  const headers = { 'idempotency-key': randomUUID() };
  return postJson({ url, key }, '/api/v1/actions', wanted, ended, headers);
}

/** An instance that works, whatever it is told; each call is sent until it is taken in. */
export async function keepWorking(
  door: AgentDoor,
  reality: Reality,
  ended: AbortSignal,
): Promise<void> {
  while (!ended.aborted) {
    await workOnce(door, reality, ended).catch(() => undefined);
    await wait(workEachMs, undefined, { signal: ended }).catch(() => undefined);
  }
}

/** One call of a tool, told once it is over. */
export async function workOnce(
  door: AgentDoor,
  reality: Reality,
  ended: AbortSignal,
): Promise<void> {
  const now = new Date().toISOString();
  const { slug: agent, instanceId } = door;
  const call: WireEvent = {
    id: randomUUID(),
    traceId: randomUUID().replaceAll('-', ''),
    kind: 'tool_call',
    name: 'read_file',
    agent,
    instanceId,
    startedAt: now,
    endedAt: now,
    status: 'ok',
  };
  await postEvents(door, [call], { stopped: ended });
  reality.workedAtMs = Math.max(reality.workedAtMs ?? 0, Date.parse(now));
}

/** Follows its stream and beats for a moment, and is then heard no more. */
export async function fallSilent(door: AgentDoor): Promise<void> {
  const ended = new AbortController();
  for await (const { event } of await openControl(door, null, ended.signal)) {
    if (event === 'state') break;
  }
  await beat(door, ['control'], ended.signal);
  ended.abort();
}
