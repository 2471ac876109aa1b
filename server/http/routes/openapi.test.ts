import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { generateApi } from 'swagger-typescript-api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { issueKey } from '#server/agents/issue-key.ts';
import { childEnv } from '#server/kernel/env.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';

const bed = openTestDatabase();
const test = openTestWeb(bed);

/** What the generated client's methods answer. */
interface ClientAnswer {
  readonly status: number;
  readonly data: unknown;
}
interface Client {
  readonly getHealth: () => Promise<ClientAnswer>;
  readonly events: { readonly postEvents: (body: object) => Promise<ClientAnswer> };
  readonly v1: { readonly exportTraces: (body: object) => Promise<ClientAnswer> };
}

const scratch = { dir: '' };
beforeAll(() => {
  scratch.dir = mkdtempSync(join(tmpdir(), 'signalbox-openapi-'));
});
afterAll(() => rmSync(scratch.dir, { recursive: true, force: true }));

const fetchDocument = async () =>
  (await (await fetch(`${test.url}/api/v1/openapi.json`)).json()) as {
    paths: Record<string, Record<string, unknown>>;
  };

/** A client that a program wrote from the published document, loaded as it is. */
async function generateClient(key: string): Promise<Client> {
  const spec = (await fetchDocument()) as unknown as NonNullable<
    Parameters<typeof generateApi>[0]['spec']
  >;
  const made = await generateApi({
    spec,
    toJS: true,
    httpClientType: 'fetch',
    silent: true,
    output: false,
    moduleNameIndex: 2,
  });
  const file = join(scratch.dir, 'client.mjs');
  writeFileSync(file, made.files[0]?.fileContent ?? '');
  const { Api } = (await import(pathToFileURL(file).href)) as {
    Api: new (options: object) => Client;
  };
  return new Api({
    baseUrl: test.url,
    baseApiParams: { headers: { authorization: `Bearer ${key}` } },
  });
}

describe('the OpenAPI document', () => {
  it('names every machine door, and none that does not exist', async () => {
    const document = await fetchDocument();
    const told = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.keys(methods).map((method) => `${method.toUpperCase()} ${path}`),
    );
    // tRPC describes itself to its own clients; metrics are for the operator alone, and exports for
    // people who come from the pages with their sign-in.
    const untold = [
      'GET /api/v1/openapi.json',
      'GET /metrics',
      'GET /api/v1/exports/{list}',
      'GET /api/v1/containments/{id}/evidence',
    ];
    const open = test.web.routes
      .filter((route) => !route.url.startsWith('/api/trpc'))
      .filter((route) => route.method !== 'HEAD' && route.method !== 'OPTIONS')
      .map((route) => `${route.method} ${route.url.replace(/:(\w+)/g, '{$1}')}`)
      .filter((route) => !untold.includes(route));
    expect(told.toSorted()).toEqual(open.toSorted());
  });

  it('lints clean', async () => {
    const file = join(scratch.dir, 'openapi.json');
    writeFileSync(file, JSON.stringify(await fetchDocument()));
    const cli = createRequire(import.meta.url).resolve('@redocly/cli/bin/cli.js');
    const report = execFileSync(
      process.execPath,
      [cli, 'lint', file, '--format=json', '--max-problems=50'],
      {
        encoding: 'utf8',
        stdio: ['ignore', 'pipe', 'pipe'],
        env: childEnv({ REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' }),
      },
    );
    const { totals, problems } = JSON.parse(report) as { totals: object; problems: unknown[] };
    expect(problems).toEqual([]);
    expect(totals).toMatchObject({ errors: 0, warnings: 0 });
  }, 60_000);

  it('serves a generated client', async () => {
    const tenant = await makeTenant(bed);
    const ctx = makeCtx(bed.app, tenant.id, cliActor);
    const { key } = await issueKey(ctx, {
      kind: 'ingest',
      name: 'generated client',
      agent: null,
      tools: [],
      lifeSeconds: null,
    });
    const client = await generateClient(key);
    expect(await client.getHealth()).toMatchObject({ status: 200, data: { ok: true } });
    const event = {
      id: 'generated-1',
      traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
      agent: 'generated-bot',
      kind: 'tool_call',
      name: 'read_file',
      startedAt: '2026-11-22T08:00:00.000Z',
    };
    const stored = { accepted: 1, duplicates: 0, rejected: [] };
    expect(await client.events.postEvents({ events: [event] })).toMatchObject({ data: stored });
    expect(await client.v1.exportTraces({ resourceSpans: [] })).toMatchObject({ status: 200 });
    await expect(client.events.postEvents({ events: 7 })).rejects.toMatchObject({ status: 400 });
  }, 60_000);
});
