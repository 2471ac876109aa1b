import { randomUUID } from 'node:crypto';
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import type { Door } from '#server/cli/post-events.ts';
import { postJson } from './follow-control.ts';

const actionSchema = z.looseObject({
  id: z.string(),
  state: z.string(),
  decision: z.string(),
  permit: z.string().nullable(),
  editedArgs: z.record(z.string(), z.unknown()).nullable(),
  denyReason: z.string().nullable(),
  next: z.enum(['run', 'wait', 'stop', 'ask_again']),
});
export type AskedAction = z.infer<typeof actionSchema>;

/** What an agent asks for. */
export interface AskedFor {
  readonly tool: string;
  readonly args: Readonly<Record<string, unknown>>;
  readonly reason: string;
  readonly traceId: string;
  readonly sessionId: string;
  readonly instanceId: string;
}

/** An agent's side of the hold: ask, wait, redeem, tell how it ended. */
export interface HoldClient {
  /** Null under a stop: nothing may be done, and it was told so. */
  readonly ask: (wanted: AskedFor) => Promise<AskedAction | null>;
  /** Waits until people decided, for as long as that takes; `giveUp` ends the wait. */
  readonly decision: (id: string, giveUp: AbortSignal) => Promise<AskedAction>;
  /** True when the action may run now, this once. */
  readonly redeem: (
    action: AskedAction,
    args: Readonly<Record<string, unknown>>,
  ) => Promise<boolean>;
  readonly outcome: (id: string, args: Readonly<Record<string, unknown>>) => Promise<void>;
}

const waitSeconds = 25;
const pauseMs = 1_000;
const triesMax = 30;

/** The client of the demo's agents: the public doors, the agent's own key, nothing else. */
export function createHoldClient(door: Door, stopped: AbortSignal): HoldClient {
  const post = (path: string, body: unknown) => {
    // The same key at every try: a repeat finds what the first one did.
    const headers = { 'idempotency-key': randomUUID() };
    return untilAnswered(() => postJson(door, path, body, stopped, headers), stopped);
  };
  return {
    ask: async (wanted) => {
      const response = await post('/api/v1/actions', wanted);
      return response.ok ? actionSchema.parse(await response.json()) : null;
    },
    decision: async (id, giveUp) => {
      const signal = AbortSignal.any([stopped, giveUp]);
      for (;;) {
        const response = await untilAnswered(
          () =>
            fetch(`${door.url}/api/v1/actions/${id}?wait=${waitSeconds}`, {
              headers: { authorization: `Bearer ${door.key}` },
              signal,
            }),
          signal,
        );
        const action = actionSchema.parse(await response.json());
        if (action.next !== 'wait') return action;
        // Under a stop the door answers at once.
        await wait(pauseMs, undefined, { signal });
      }
    },
    redeem: async ({ permit }, args) => {
      if (permit === null) return false;
      return (await post('/api/v1/permits/redeem', { permit, args })).ok;
    },
    outcome: async (id, executedArgs) => {
      await post(`/api/v1/actions/${id}/outcome`, { status: 'succeeded', executedArgs });
    },
  };
}

/** Tries again while nothing or a "later" comes back. @throws the last error when it stays so. */
async function untilAnswered(
  send: () => Promise<Response>,
  signal: AbortSignal,
): Promise<Response> {
  for (let tries = 1; ; tries += 1) {
    try {
      const response = await send();
      if (response.status !== 429 && response.status < 500) return response;
      if (tries >= triesMax) return response;
    } catch (error) {
      signal.throwIfAborted();
      if (tries >= triesMax) throw error;
    }
    await wait(pauseMs, undefined, { signal });
  }
}
