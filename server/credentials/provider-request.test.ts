import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { addressRefusal, createProviderSender } from './provider-request.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
});

async function serve(handle: RequestListener): Promise<string> {
  const server = createServer(handle);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  closing.push(() => new Promise((done) => server.close(() => done())));
  return `127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const ask = (url: string, innerHosts: readonly string[] = []) =>
  createProviderSender(new Set(innerHosts))({ method: 'POST', url, headers: {}, body: 'x=1' });

describe('addressRefusal', () => {
  it.each([
    ['https://vault.example/v1', null],
    ['http://vault.example/v1', /https/],
    ['http://vault.internal:8200/v1', null],
    ['http://vault.internal:8201/v1', /https/],
    ['ftp://vault.internal:8200/v1', /https/],
    ['https://user:pass@vault.example/', /password/],
    ['nonsense', /no URL/],
  ])('%s', (url, refusal) => {
    const said = addressRefusal(url, new Set(['vault.internal:8200']));
    if (refusal === null) expect(said).toBeNull();
    else expect(said).toMatch(refusal);
  });
});

describe('the way out to providers', () => {
  it('reaches an inner host only when the operator names it', async () => {
    const host = await serve((_request, response) => response.end('{}'));
    await expect(ask(`http://${host}/`, [host])).resolves.toEqual({ status: 200, body: '{}' });
    await expect(ask(`http://${host}/`)).rejects.toThrow(/SIGNALBOX_PROVIDER_HOSTS/);
    await expect(ask(`https://${host}/`)).rejects.toThrow(/private address/);
    await expect(ask('https://[::ffff:7f00:1]/')).rejects.toThrow(/private/);
    await expect(ask('https://[2002:7f00:1::]/')).rejects.toThrow(/private/);
    await expect(ask('https://2130706433/')).rejects.toThrow(/private/);
    await expect(ask(`https://localhost:${host.split(':')[1]}/`)).rejects.toThrow(/private/);
  });

  it('follows no redirect', async () => {
    let reached = 0;
    const target = await serve((_request, response) => {
      reached += 1;
      response.end('secret');
    });
    const host = await serve((_request, response) => {
      response.writeHead(307, { location: `http://${target}/` }).end();
    });
    await expect(ask(`http://${host}/`, [host, target])).resolves.toMatchObject({ status: 307 });
    expect(reached).toBe(0);
  });

  it('keeps its connection, and asks once more on a new one where the peer had closed it', async () => {
    const ports: (number | undefined)[] = [];
    const host = await serve((request, response) => {
      ports.push(request.socket.remotePort);
      // Gone just as the third is sent on it: the peer read it and answers nothing.
      if (ports.length === 3) request.socket.destroy();
      else response.end(String(ports.length));
    });
    const send = createProviderSender(new Set([host]));
    const told: string[] = [];
    for (let times = 0; times < 3; times += 1) {
      const request = { method: 'POST', url: `http://${host}/`, headers: {}, body: 'x=1' } as const;
      told.push((await send(request)).body);
    }
    expect(told).toEqual(['1', '2', '4']);
    expect(ports[1]).toBe(ports[0]);
    expect(ports[2]).toBe(ports[0]);
    expect(ports[3]).not.toBe(ports[0]);
  });

  it('asks nobody twice who hangs up on a new connection', async () => {
    let asked = 0;
    const host = await serve((request) => {
      asked += 1;
      request.socket.destroy();
    });
    await expect(ask(`http://${host}/`, [host])).rejects.toThrow(/hang up|ECONNRESET/);
    expect(asked).toBe(1);
  });

  it('reads no answer beyond its bound', async () => {
    const host = await serve((_request, response) => {
      response.end('x'.repeat(limits.providerAnswerBytesMax + 1));
    });
    await expect(ask(`http://${host}/`, [host])).rejects.toThrow(/too much/);
  });
});
