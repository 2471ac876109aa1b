import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { followControl } from './follow-control.ts';

const leaseMs = 600;
const ending: (() => void)[] = [];

/** A stand-in for the control door that can fall silent and stay connected, as a cut line does. */
async function startDoor() {
  const streams: ServerResponse[] = [];
  let isSilent = false;
  const server = createServer((request, response) => {
    if (!request.url?.startsWith('/api/v1/control?')) {
      response.end('{}');
      return;
    }
    streams.push(response);
    if (isSilent) return;
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    response.write(`event: state\ndata: ${JSON.stringify({ stops: [], leaseMs })}\n\n`);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const pings = setInterval(() => {
    if (isSilent) return;
    for (const stream of streams) if (stream.headersSent) stream.write('event: ping\ndata: {}\n\n');
  }, 100);
  ending.push(() => {
    clearInterval(pings);
    server.closeAllConnections();
    server.close();
  });
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    streams,
    setSilent: (silent: boolean) => {
      isSilent = silent;
    },
  };
}

afterEach(() => {
  for (const end of ending.splice(0)) end();
});

describe('followControl', () => {
  it('halts what runs when its line is cut in the middle, and works on when it is heard again', async () => {
    const door = await startDoor();
    const stopping = new AbortController();
    ending.push(() => stopping.abort());
    const control = followControl({
      door: { url: door.url, key: 'key' },
      instanceId: 'pod-1',
      stopped: stopping.signal,
    });
    expect(control.isHalted()).toBe(true);
    await control.whenFree();
    const running = control.nextHalt();
    expect(running.aborted).toBe(false);

    door.setSilent(true);
    await expect.poll(() => running.aborted, { timeout: 10_000 }).toBe(true);
    expect(control.isHalted()).toBe(true);
    // The silent line was given up: others were tried.
    await expect.poll(() => door.streams.length, { timeout: 10_000 }).toBeGreaterThan(1);

    door.setSilent(false);
    await expect.poll(() => control.isHalted(), { timeout: 10_000 }).toBe(false);
    expect(control.nextHalt().aborted).toBe(false);
  });
});
