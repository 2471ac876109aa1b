import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { createDb } from '#db/client.ts';
import { findTenant } from '#server/auth/find-tenant.ts';
import { commandLine } from '#server/cli/actor.ts';
import { createRule } from '#server/detection/create-rule.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { readLag, waitUntilCaughtUp } from './caught-up.ts';
import { type Figure, note, percentile, rounded, noFloor } from './figure.ts';
import { runLoad } from './load.ts';
import { perUnit, readProcessorTime } from './processor-time.ts';
import type { BenchTenant, Stack } from './stack.ts';

const ruleCounts = [defaultRules.length, 200];
const eventsPerSecond = 2_000;
const spansPerBatch = 100;
const loadSeconds = 60;
/** How often the lag is looked at while the load runs. */
const lookMs = 1_000;

/** Shipped rules of one document, over again under other names and ids. */
function copiesOf(count: number): string[] {
  const single = defaultRules.filter((source) => !/^---$/m.test(source));
  return Array.from({ length: count }, (_, at) =>
    (single[at % single.length] ?? '')
      .replace(/^name: .*$/m, (line) => `${line}-copy-${at}`)
      .replace(/^id: .*$/m, `id: ${randomUUID()}`),
  );
}

/** Gives the tenant so many running rules. The copies are switched on without their second pair of eyes. */
async function addRules(stack: Stack, tenant: BenchTenant, count: number): Promise<number> {
  const db = createDb(stack.adminUrl, { connectionsMax: 2 });
  try {
    const { tenantId } = await findTenant(db, tenant.slug);
    const ctx: Ctx = { db, tenantId, ...commandLine() };
    for (const source of copiesOf(count - defaultRules.length)) await createRule(ctx, { source });
  } finally {
    await db.$client.end();
  }
  await stack.admin`update rules set state = 'enabled'
    where tenant_id = ${tenant.uuid} and origin = 'custom'`;
  const [row] = await stack.admin<{ running: number }[]>`
    select count(*)::int as running from rules
    where tenant_id = ${tenant.uuid} and state = 'enabled'`;
  return row?.running ?? 0;
}

async function measure(stack: Stack, ruleCount: number): Promise<Figure> {
  const tenant = await stack.makeTenant();
  const running = await addRules(stack, tenant, ruleCount);
  note(`${running} rules run`);
  const before = readProcessorTime(stack.pid);
  const load = runLoad(stack, tenant, {
    batches: (loadSeconds * eventsPerSecond) / spansPerBatch,
    spans: spansPerBatch,
    connections: 8,
    eventsPerSecond,
  });
  const behind: number[] = [];
  const look = async (): Promise<void> => {
    behind.push((await readLag(stack.admin, tenant.uuid)).eventsByReader['detector'] ?? 0);
  };
  const timer = setInterval(() => void look(), lookMs);
  const report = await load.finally(() => clearInterval(timer));
  const endedAt = performance.now();
  await waitUntilCaughtUp(stack.admin, tenant.uuid);
  const caughtUpSeconds = (performance.now() - endedAt) / 1000;
  const after = readProcessorTime(stack.pid);
  return {
    name: 'rules-load',
    unit: 's',
    value: rounded(caughtUpSeconds),
    p50: null,
    p99: null,
    ...noFloor,
    params: {
      from: 'end of the load',
      to: 'every reader has seen the last event',
      rules: running,
      events: report.acknowledged,
      loadEventsPerSecond: rounded(report.acknowledged / report.seconds),
      loadRefused: report.refused,
      detectorBehindEvents: {
        median: percentile(behind, 0.5),
        worst: Math.max(0, ...behind),
        looks: behind.length,
      },
      processorUsPerEvent: perUnit(before, after, report.acknowledged),
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/** Whether detection keeps up with 2,000 events a second: with the shipped rules, and with 200. */
export async function benchRulesLoad(stack: Stack): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const count of ruleCounts) figures.push(await measure(stack, count));
  return figures;
}
