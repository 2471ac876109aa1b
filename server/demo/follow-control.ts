import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Door } from '#server/cli/post-events.ts';

/** Scopes that halt the whole agent; the others halt only what they name, and the gate refuses that. */
const haltingScopes = ['tenant', 'environment', 'agent', 'tree', 'self'];
const stopSchema = z.looseObject({
  stopId: z.string(),
  scope: z.looseObject({ kind: z.string() }),
});
const stateSchema = z.looseObject({ stops: z.array(stopSchema), leaseMs: z.number() });
const liftSchema = z.looseObject({ stopId: z.string() });

/** How an agent of the demo learns that it has to stop, and says what it does about it. */
export interface ControlFollower {
  /** True under a stop, and while nothing was heard for the time of the liveness lease. */
  readonly isHalted: () => boolean;
  /** Resolves when it may work; rejects when the demo ends. */
  readonly whenFree: () => Promise<void>;
  /** Aborts when a stop halts this agent from now on. */
  readonly nextHalt: () => AbortSignal;
}

export interface FollowOptions {
  readonly door: Door;
  readonly instanceId: string;
  readonly stopped: AbortSignal;
}

const reconnectMs = 1_000;
const heartbeatMs = 10_000;
const lookMs = 250;
/** The server says something every 15 s. */
const stillMs = 20_000;

interface Standing {
  readonly stops: Set<string>;
  leaseMs: number;
  heardAtMs: number;
  halt: AbortController;
  /** The stream that is open or being opened, and when it last said something. */
  link: AbortController;
  linkHeardAtMs: number;
}

/**
 * Follows the control stream with the agent's own key, as any agent would: halts at once, says so for
 * each stop, sends heartbeats, and works on only after the lift. Starts afresh whenever the stream
 * breaks; an agent that hears nothing for the lease halts by itself.
 */
export function followControl(options: FollowOptions): ControlFollower {
  const { stopped } = options;
  const standing: Standing = {
    stops: new Set(),
    leaseMs: 0,
    heardAtMs: Number.NEGATIVE_INFINITY,
    halt: new AbortController(),
    link: new AbortController(),
    linkHeardAtMs: performance.now(),
  };
  const isHalted = () => standing.stops.size > 0 || hasLostLease(standing);
  void keepStream(options, standing);
  void keepLease(options, standing);
  void keepBeating(options);
  return {
    isHalted,
    whenFree: async () => {
      while (isHalted()) await wait(lookMs, undefined, { signal: stopped });
    },
    nextHalt: () => {
      if (standing.halt.signal.aborted && !isHalted()) standing.halt = new AbortController();
      return standing.halt.signal;
    },
  };
}

const hasLostLease = ({ heardAtMs, leaseMs }: Standing): boolean =>
  performance.now() - heardAtMs > leaseMs;

/**
 * Halts what runs when the lease is over. A link that is cut in the middle says nothing, not even that it is
 * cut: one that has been still for longer than the server ever is gets given up, so that a new one is tried.
 */
async function keepLease({ stopped }: FollowOptions, standing: Standing): Promise<void> {
  while (!stopped.aborted) {
    if (hasLostLease(standing)) standing.halt.abort();
    const patienceMs = Math.min(stillMs, standing.leaseMs || stillMs);
    if (performance.now() - standing.linkHeardAtMs > patienceMs) standing.link.abort();
    await wait(lookMs, undefined, { signal: stopped }).catch(() => undefined);
  }
}

async function keepStream(options: FollowOptions, standing: Standing): Promise<void> {
  const { door, instanceId, stopped } = options;
  const url = `${door.url}/api/v1/control?instanceId=${encodeURIComponent(instanceId)}`;
  while (!stopped.aborted) {
    try {
      standing.link = new AbortController();
      standing.linkHeardAtMs = performance.now();
      const response = await fetch(url, {
        headers: { authorization: `Bearer ${door.key}`, accept: 'text/event-stream' },
        signal: AbortSignal.any([stopped, standing.link.signal]),
      });
      if (response.ok && response.body !== null) {
        for await (const { event, data } of readServerSentEvents(response.body)) {
          standing.heardAtMs = performance.now();
          standing.linkHeardAtMs = standing.heardAtMs;
          if (event === 'resync') break;
          await take(options, standing, event, data);
        }
      }
    } catch {
      // The web is restarting, or the demo ends: both show at the next try.
    }
    await wait(reconnectMs, undefined, { signal: stopped }).catch(() => undefined);
  }
}

async function take(
  options: FollowOptions,
  standing: Standing,
  event: string,
  data: string,
): Promise<void> {
  if (event === 'state') {
    const state = stateSchema.parse(JSON.parse(data));
    standing.leaseMs = state.leaseMs;
    standing.stops.clear();
    for (const stop of state.stops) await obey(options, standing, stop);
  } else if (event === 'stop') {
    await obey(options, standing, stopSchema.parse(JSON.parse(data)));
  } else if (event === 'lift') {
    standing.stops.delete(liftSchema.parse(JSON.parse(data)).stopId);
  }
}

async function obey(
  { door, instanceId, stopped }: FollowOptions,
  standing: Standing,
  stop: z.infer<typeof stopSchema>,
): Promise<void> {
  if (!haltingScopes.includes(stop.scope.kind)) return;
  standing.stops.add(stop.stopId);
  standing.halt.abort();
  const answer = { stopId: stop.stopId, instanceId, state: 'stopped', inFlight: 0 };
  const patience = AbortSignal.any([stopped, AbortSignal.timeout(heartbeatMs)]);
  await postJson(door, '/api/v1/control/ack', answer, patience);
}

async function keepBeating({ door, instanceId, stopped }: FollowOptions): Promise<void> {
  const beat = { instanceId, capabilities: ['control', 'liveness', 'ask'] };
  while (!stopped.aborted) {
    const patience = AbortSignal.any([stopped, AbortSignal.timeout(heartbeatMs)]);
    await postJson(door, '/api/v1/heartbeat', beat, patience).catch(() => undefined);
    await wait(heartbeatMs, undefined, { signal: stopped }).catch(() => undefined);
  }
}

/** Posts JSON with the agent's key; answers the response whatever its status. */
export async function postJson(
  door: Door,
  path: string,
  body: unknown,
  stopped: AbortSignal,
  headers: Readonly<Record<string, string>> = {},
): Promise<Response> {
  return fetch(`${door.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${door.key}`,
      'content-type': 'application/json',
      ...headers,
    },
    body: JSON.stringify(body),
    signal: stopped,
  });
}

/** Splits a stream of server-sent events (WHATWG HTML, 9.2) into their types, data and ids (null: none). */
export async function* readServerSentEvents(
  body: AsyncIterable<Uint8Array>,
): AsyncGenerator<{ readonly event: string; readonly data: string; readonly id: string | null }> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split(/\r?\n\r?\n/);
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const lines = block.split(/\r?\n/);
      const valuesOf = (name: string) =>
        lines.flatMap((line) =>
          line.startsWith(`${name}:`) ? [line.slice(name.length + 1).replace(/^ /, '')] : [],
        );
      const data = valuesOf('data');
      const event = valuesOf('event').at(-1) ?? 'message';
      const id = valuesOf('id').at(-1) ?? null;
      if (data.length > 0 || event !== 'message') yield { event, data: data.join('\n'), id };
    }
  }
}
