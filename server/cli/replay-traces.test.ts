import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { gunzipSync } from 'node:zlib';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { readTraces } from './read-traces.ts';
import { replayTraces } from './replay-traces.ts';

const folder = mkdtempSync(join(tmpdir(), 'sb-replay-'));
const servers: Server[] = [];
const bodySchema = z.object({ events: z.array(z.looseObject({ id: z.string() })) });

/** A door that remembers ids as ours does, and is busy for its first `busy` requests. */
async function openDoor(busy = 0) {
  const ids = new Set<string>();
  const batches: number[] = [];
  let requests = 0;
  const server = createServer((request, response) => {
    void buffer(request).then((body) => {
      requests += 1;
      if (requests <= busy) {
        response.writeHead(429, { 'retry-after': '0' }).end();
        return;
      }
      const { events } = bodySchema.parse(JSON.parse(gunzipSync(body).toString()));
      const fresh = events.filter((event) => !ids.has(event.id)).length;
      for (const event of events) ids.add(event.id);
      batches.push(events.length);
      response.writeHead(200).end(
        JSON.stringify({
          accepted: fresh,
          duplicates: events.length - fresh,
          rejected: [],
          position: fresh > 0 ? `p${ids.size}` : null,
        }),
      );
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return { door: { url: `http://127.0.0.1:${port}`, key: 'k' }, ids, batches };
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeTraces(name: string, traces: readonly unknown[]): string {
  const path = join(folder, name);
  writeFileSync(path, `${traces.map((trace) => JSON.stringify(trace)).join('\n')}\n`);
  return path;
}

const trace = (id: string, messages: number) => ({
  source: 'made-up',
  id,
  model: 'm',
  messages: Array.from({ length: messages }, (_, at) => ({ role: 'user', content: `${id} ${at}` })),
  labels: { suite: 'desk' },
});

const options = {
  speed: null,
  baseMs: Date.parse('2026-01-01T00:00:00Z'),
  onProgress: () => undefined,
  onRejected: () => undefined,
};

describe('replayTraces', () => {
  it('stores every message once, and counts duplicates the second time', async () => {
    const path = writeTraces('twice.jsonl', [trace('a', 700), trace('b', 400)]);
    const { door, ids, batches } = await openDoor();
    const first = await replayTraces(readTraces(path), { ...options, door });
    expect(first).toMatchObject({ traces: 2, events: 1100, accepted: 1100, duplicates: 0 });
    expect(first.position).toBe('p1100');
    const second = await replayTraces(readTraces(path), { ...options, door });
    expect(second).toMatchObject({ traces: 2, events: 1100, accepted: 0, duplicates: 1100 });
    expect(ids.size).toBe(1100);
    expect(Math.max(...batches)).toBeLessThanOrEqual(500);
  });

  it('waits out a busy door and counts the retries', async () => {
    const path = writeTraces('busy.jsonl', [trace('a', 3)]);
    const { door } = await openDoor(2);
    const summary = await replayTraces(readTraces(path), { ...options, door });
    expect(summary).toMatchObject({ accepted: 3, retried: 2 });
  });

  it('keeps the pace of the events at a given speed', async () => {
    const path = writeTraces('pace.jsonl', [trace('a', 3), trace('b', 1)]);
    const { door, batches } = await openDoor();
    // Line 2 begins 600 s after line 1: half a second at this speed.
    const summary = await replayTraces(readTraces(path), { ...options, door, speed: 1200 });
    expect(summary.seconds).toBeGreaterThan(0.45);
    expect(batches).toEqual([3, 1]);
  });

  it('names the line that cannot be read', async () => {
    const path = writeTraces('bad.jsonl', [trace('a', 1), { source: 'x' }]);
    const { door } = await openDoor();
    await expect(replayTraces(readTraces(path), { ...options, door })).rejects.toThrow('Line 2');
    writeFileSync(path, 'not json\n');
    await expect(replayTraces(readTraces(path), { ...options, door })).rejects.toThrow(
      'Line 1 is not JSON',
    );
  });
});
