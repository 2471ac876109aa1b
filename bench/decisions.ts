import { execFile } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createSql } from '#db/client.ts';
import { makeAgentKeys } from './agent-keys.ts';
import type { AskReport } from './decisions-process.ts';
import { type Figure, percentile, rounded } from './figure.ts';
import { perUnit, readProcessorTime } from './processor-time.ts';
import type { Stack } from './stack.ts';

const agents = 100;
const connections = 8;
const asks = 20_000;
const warmUp = 2_000;
const run = promisify(execFile);
const askProcess = fileURLToPath(new URL('decisions-process.ts', import.meta.url));

/** Floor: one transaction with one row of an action's size, as many at a time. Rows a second. */
async function measureFloor(stack: Stack): Promise<number> {
  const sql = createSql(stack.floorUrl, { connectionsMax: connections });
  const rows = asks / 2;
  try {
    await sql`create table decided (id uuid primary key, body text not null, at timestamptz not null
      default now())`;
    const body = randomBytes(1000).toString('base64');
    let left = rows;
    const startedAt = performance.now();
    const insert = async (): Promise<void> => {
      while (left-- > 0)
        await sql`insert into decided (id, body) values (${randomUUID()}, ${body})`;
    };
    await Promise.all(Array.from({ length: connections }, insert));
    return rows / ((performance.now() - startedAt) / 1000);
  } finally {
    await sql`drop table if exists decided`;
    await sql.end();
  }
}

/**
 * Decisions a second over HTTP: allowed, with permit and audit row, durable before the answer; by a
 * hundred agents of one tenant over eight connections from a process of its own.
 */
export async function benchDecisions(stack: Stack): Promise<Figure[]> {
  const tenant = await stack.makeTenant();
  const keys = await makeAgentKeys(stack, tenant, agents);
  const floor = await measureFloor(stack);
  const options = { url: stack.url, path: '/api/v1/actions', keys, connections, warmUp, asks };
  const before = readProcessorTime(stack.pid);
  const { stdout } = await run(process.execPath, [askProcess, JSON.stringify(options)], {
    maxBuffer: 64 * 1024 * 1024,
  });
  const processorUs = perUnit(before, readProcessorTime(stack.pid), warmUp + asks);
  const report = JSON.parse(stdout) as AskReport;
  const [stored] = await stack.admin<{ actions: number; audited: number; permits: number }[]>`
    select (select count(*)::int from actions where tenant_id = ${tenant.uuid}) as actions,
      (select count(*)::int from permits where tenant_id = ${tenant.uuid}) as permits,
      (select count(*)::int from audit_log where tenant_id = ${tenant.uuid}
        and action = 'action.decided') as audited`;
  const perSecond = report.answered / report.seconds;
  return [
    {
      name: 'decisions',
      unit: 'decisions/s',
      value: rounded(perSecond),
      p50: rounded(percentile(report.latenciesMs, 0.5)),
      p99: rounded(percentile(report.latenciesMs, 0.99)),
      floorName: 'one insert a transaction, 8 connections',
      floor: rounded(floor),
      ratio: rounded(perSecond / floor),
      params: {
        agents,
        connections,
        asks,
        outcomes: report.outcomes,
        stored,
        processorUsPerDecision: processorUs,
        cores: availableParallelism(),
        postgres: stack.postgresVersion,
      },
    },
  ];
}
