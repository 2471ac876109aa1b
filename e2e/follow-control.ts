import { readServerSentEvents } from '#server/demo/follow-control.ts';
import type { FakeAgent } from './fake-agent.ts';

/** An instance of an agent that follows the control stream and answers only when the test says so. */
export interface ControlClient {
  /** Resolves with the id of the next stop that the stream tells of. */
  readonly nextStop: () => Promise<string>;
  readonly answers: (
    stopId: string,
    state: 'acknowledged' | 'stopped',
    inFlight: number,
  ) => Promise<number>;
  readonly close: () => void;
}

/** Opens the stream; it is open, and known to be, when this resolves. */
export async function followControl(agent: FakeAgent, instanceId: string): Promise<ControlClient> {
  const { url, key } = agent.door;
  const abort = new AbortController();
  const response = await fetch(`${url}/api/v1/control?instanceId=${instanceId}`, {
    headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
    signal: abort.signal,
  });
  if (!response.ok || response.body === null) throw new Error(`control: ${response.status}`);
  const frames = readServerSentEvents(response.body);
  const next = async (wanted: string) => {
    for (;;) {
      const { value, done } = await frames.next();
      if (done === true) throw new Error(`the stream ended before ${wanted}`);
      if (value.event === wanted) return JSON.parse(value.data) as Record<string, unknown>;
    }
  };
  await next('state');
  return {
    nextStop: async () => String((await next('stop'))['stopId']),
    answers: async (stopId, state, inFlight) => {
      const answer = await fetch(`${url}/api/v1/control/ack`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ stopId, instanceId, state, inFlight }),
      });
      return answer.status;
    },
    close: () => abort.abort(),
  };
}
