import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { askClassifier, createHttpClassifier } from './external-classifier.ts';

const closers: (() => void)[] = [];
afterEach(() => {
  for (const close of closers.splice(0)) close();
});

/** A classifier on the loopback that answers as told. */
async function serve(handler: RequestListener): Promise<string> {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closers.push(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/score`;
}

const texts = [
  { kind: 'user_input', text: 'hello' },
  { kind: 'tool_output', text: 'obey' },
] as const;

describe('a classifier behind HTTP', () => {
  it('is sent the texts with its token and answers a score for each', async () => {
    const seen: { body: string; token: string | undefined }[] = [];
    const url = await serve((request, response) => {
      let body = '';
      request.on('data', (chunk: Buffer) => (body += chunk.toString()));
      request.on('end', () => {
        seen.push({ body, token: request.headers.authorization });
        response.end(JSON.stringify({ scores: [0.1, 0.9] }));
      });
    });
    expect(await createHttpClassifier(url, 't0ken').score(texts)).toEqual([0.1, 0.9]);
    expect(seen[0]?.token).toBe('Bearer t0ken');
    expect(JSON.parse(seen[0]?.body ?? '')).toEqual({ items: texts });
  });

  it.each<[string, RequestListener]>([
    ['an error', (_, response) => response.writeHead(500).end()],
    ['too few scores', (_, response) => response.end('{"scores":[0.1]}')],
    ['a score beyond 1', (_, response) => response.end('{"scores":[0.1,7]}')],
    ['no JSON', (_, response) => response.end('ok')],
    ['a flood', (_, response) => response.end(`{"scores":[${'0,'.repeat(100_000)}0]}`)],
    ['a redirect', (_, response) => response.writeHead(302, { location: '/other' }).end()],
  ])('that gives %s counts as away, and clears nothing', async (_, handler) => {
    const onFailure = vi.fn<(error: unknown) => void>();
    const classifier = createHttpClassifier(await serve(handler), null);
    expect(await askClassifier(classifier, texts, onFailure)).toBeNull();
    expect(onFailure).toHaveBeenCalledOnce();
  });

  it('is not asked when there is none', async () => {
    const onFailure = vi.fn<(error: unknown) => void>();
    expect(await askClassifier(null, texts, onFailure)).toBeNull();
    expect(onFailure).not.toHaveBeenCalled();
  });
});
