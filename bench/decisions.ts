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
const tracedAsks = 6_000;
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

/** What stands upstream of the asks of one measurement. */
type Upstream = 'no trace named' | 'clean trace' | 'tainted trace';

/** Five answers of two kilobytes in each trace. */
const readEvents = 5;
const readText =
  'The report of this week is at /reports/weekly.txt, and its numbers are in the table. '.repeat(
    24,
  );

/** A trace for each key, in which its agent has read something. */
async function makeTraces(
  stack: Stack,
  keys: readonly string[],
  trust: 'trusted' | 'untrusted',
): Promise<string[]> {
  return Promise.all(
    keys.map(async (key) => {
      const traceId = randomBytes(16).toString('hex');
      const events = Array.from({ length: readEvents }, () => ({
        id: randomUUID(),
        traceId,
        kind: 'tool_call',
        name: 'read_inbox',
        startedAt: new Date().toISOString(),
        output: readText,
        source: { trust },
      }));
      const answer = await fetch(`${stack.url}/api/v1/events`, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify({ events }),
      });
      if (answer.status !== 200) throw new Error(`events were answered with ${answer.status}`);
      return traceId;
    }),
  );
}

async function measureDecisions(
  stack: Stack,
  upstream: Upstream,
  asks: number,
  floor: number | null,
): Promise<Figure> {
  const tenant = await stack.makeTenant();
  const keys = await makeAgentKeys(stack, tenant, agents);
  const traceIds =
    upstream === 'no trace named'
      ? undefined
      : await makeTraces(stack, keys, upstream === 'clean trace' ? 'trusted' : 'untrusted');
  const path = '/api/v1/actions';
  const options = { url: stack.url, path, keys, traceIds, connections, warmUp, asks };
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
  return {
    name: 'decisions',
    unit: 'decisions/s',
    value: rounded(perSecond),
    p50: rounded(percentile(report.latenciesMs, 0.5)),
    p99: rounded(percentile(report.latenciesMs, 0.99)),
    floorName: floor === null ? null : 'one insert a transaction, 8 connections',
    floor: floor === null ? null : rounded(floor),
    ratio: floor === null ? null : rounded(perSecond / floor),
    params: {
      upstream,
      agents,
      connections,
      asks,
      outcomes: report.outcomes,
      stored,
      processorUsPerDecision: processorUs,
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/**
 * Decisions a second over HTTP: allowed, with permit and audit row, durable before the answer; by a
 * hundred agents of one tenant over eight connections from a process of its own. Once without a trace,
 * as the target counts it; then with a trace whose texts were trusted, and with one that has read five
 * untrusted answers of two kilobytes, where the arguments are held against them.
 */
export async function benchDecisions(stack: Stack): Promise<Figure[]> {
  const floor = await measureFloor(stack);
  return [
    await measureDecisions(stack, 'no trace named', asks, floor),
    await measureDecisions(stack, 'clean trace', tracedAsks, null),
    await measureDecisions(stack, 'tainted trace', tracedAsks, null),
  ];
}
