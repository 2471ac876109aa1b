import { randomBytes } from 'node:crypto';
import type { FakeAgent } from './fake-agent.ts';

/** One call of an agent to a door of the hold, with when it was made by this machine's clock. */
export interface DoorCall {
  readonly door: 'ask' | 'redeem' | 'beat';
  readonly status: number;
  readonly startedAtMs: number;
  readonly body: Readonly<Record<string, unknown>>;
}

async function post(
  agent: FakeAgent,
  door: DoorCall['door'],
  path: string,
  body: unknown,
): Promise<DoorCall> {
  const startedAtMs = Date.now();
  const response = await fetch(`${agent.door.url}${path}`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${agent.door.key}`,
      'content-type': 'application/json',
      'idempotency-key': randomBytes(12).toString('hex'),
    },
    body: JSON.stringify(body),
  });
  const answer = (await response.json()) as DoorCall['body'];
  return { door, status: response.status, startedAtMs, body: answer };
}

/** Asks for a harmless read, which is allowed at once. */
export function askToRead(agent: FakeAgent, path = 'a.txt'): Promise<DoorCall> {
  return post(agent, 'ask', '/api/v1/actions', { tool: 'read_file', args: { path } });
}

/** Redeems the permit of an answer. */
export function redeem(agent: FakeAgent, asked: DoorCall, path = 'a.txt'): Promise<DoorCall> {
  return post(agent, 'redeem', '/api/v1/permits/redeem', {
    permit: asked.body['permit'],
    args: { path },
  });
}

/** One heartbeat of an instance. */
export function beat(agent: FakeAgent, instanceId: string): Promise<DoorCall> {
  return post(agent, 'beat', '/api/v1/heartbeat', { instanceId, capabilities: ['poll', 'ask'] });
}

/**
 * An agent that asks and redeems without pause from so many places at once, until it is told to end.
 * @param noted takes every call in the order of its answer
 */
export async function askWithoutPause(
  agent: FakeAgent,
  callers: number,
  noted: DoorCall[],
  isOver: () => boolean,
): Promise<void> {
  const one = async () => {
    while (!isOver()) {
      const asked = await askToRead(agent);
      noted.push(asked);
      if (asked.status === 200) noted.push(await redeem(agent, asked));
    }
  };
  await Promise.all(Array.from({ length: callers }, one));
}
