import { createServer, type IncomingHttpHeaders, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import type { WireEvent } from '#server/telemetry/contract.ts';
import { pauseBefore, postEvents } from './post-events.ts';

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body: unknown;
}
interface Seen {
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
}

const servers: Server[] = [];

/** A door that gives these answers in turn; `null` hangs up without one. */
async function openDoor(answers: readonly (Answer | null)[]) {
  const seen: Seen[] = [];
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const answer = answers[seen.length];
      seen.push({ headers: request.headers, body: JSON.parse(gunzipSync(body).toString()) });
      if (!answer) {
        request.socket.destroy();
        return;
      }
      response.writeHead(answer.status, { 'content-type': 'application/json', ...answer.headers });
      response.end(JSON.stringify(answer.body));
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { door: { url: `http://127.0.0.1:${port}`, key: 'sbk_ingest_x' }, seen };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const stored = { accepted: 1, duplicates: 0, rejected: [], position: 'p1' };
const ok: Answer = { status: 200, body: stored };
const events: WireEvent[] = [
  {
    id: 'a',
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    kind: 'user_message',
    startedAt: '2026-01-01T00:00:00Z',
  },
];

describe('postEvents', () => {
  it('posts gzipped JSON with the key', async () => {
    const { door, seen } = await openDoor([ok]);
    expect(await postEvents(door, events)).toEqual(stored);
    expect(seen[0]?.body).toEqual({ events });
    expect(seen[0]?.headers.authorization).toBe('Bearer sbk_ingest_x');
  });

  it.each([
    ['429', { status: 429, headers: { 'retry-after': '0' }, body: { detail: 'slow down' } }],
    ['503', { status: 503, headers: { 'retry-after': '0' }, body: { detail: 'away' } }],
    ['a hung-up connection', null],
  ])('sends the same batch again after %s', async (_name, first) => {
    const { door, seen } = await openDoor([first, first, ok]);
    let retried = 0;
    const answer = await postEvents(door, events, { onRetry: () => (retried += 1) });
    expect(answer).toEqual(stored);
    expect(retried).toBe(2);
    expect(seen.map((one) => one.body)).toEqual([{ events }, { events }, { events }]);
  });

  it('takes a batch with rejects for an answer', async () => {
    const rejected = [{ index: 0, code: 'unprocessable', detail: 'no kind' }];
    const { door } = await openDoor([
      { status: 207, body: { accepted: 0, duplicates: 0, rejected, position: null } },
    ]);
    expect((await postEvents(door, events)).rejected).toEqual(rejected);
  });

  it.each([400, 401, 413, 415, 422, 500])('gives up at once on %i', async (status) => {
    const { door, seen } = await openDoor([{ status, body: { detail: 'read the manual' } }]);
    await expect(postEvents(door, events)).rejects.toThrow(`${status}: read the manual`);
    expect(seen).toHaveLength(1);
  });

  it('gives up when patience ends', async () => {
    const busy: Answer = { status: 503, headers: { 'retry-after': '1' }, body: { detail: 'away' } };
    const { door, seen } = await openDoor([busy]);
    await expect(postEvents(door, events, { patienceMs: 50 })).rejects.toThrow('in time');
    expect(seen).toHaveLength(1);
  });
});

describe('pauseBefore', () => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  it.each([
    [1, null, 100],
    [2, null, 200],
    [3, '', 400],
    [99, null, 5_000],
    [1, '2', 2_000],
    [5, '0', 0],
    [1, '0.5', 500],
    [1, '86400', 60_000],
    [1, 'Thu, 01 Jan 2026 00:00:07 GMT', 7_000],
    [1, 'Wed, 31 Dec 2025 00:00:00 GMT', 0],
    [1, 'soon', 100],
  ])('try %i, Retry-After %s: %i ms', (tries, retryAfter, expected) => {
    expect(pauseBefore(tries, retryAfter, now)).toBe(expected);
  });
});
