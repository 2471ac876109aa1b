import { availableParallelism } from 'node:os';
import { openBrowser } from './browser.ts';
import { waitUntilCaughtUp } from './caught-up.ts';
import { type Figure, note, percentile, rounded, noFloor } from './figure.ts';
import { runLoad } from './load.ts';
import { type BenchPerson, signInPerson, timePage, timeQuery } from './person.ts';
import { firstTraceOf } from './span-batches.ts';
import type { BenchTenant, Stack } from './stack.ts';

const eventsStored = 1_000_000;
const spansPerBatch = 500;
const bigTraceEvents = 10_000;
const rounds = 20;
const warmUpRounds = 1;
const opens = 12;

/** A tenant with a million events behind it, and the id of one trace of ten thousand. */
interface StoredLog {
  readonly tenant: BenchTenant;
  readonly person: BenchPerson;
  readonly bigTraceId: string;
  readonly events: number;
}

const logs = new WeakMap<Stack, Promise<StoredLog>>();

/** Fills the log through the real door once a stack; every bench of stored events shares it. */
export function storedLog(stack: Stack): Promise<StoredLog> {
  const known = logs.get(stack) ?? fillLog(stack);
  logs.set(stack, known);
  return known;
}

async function fillLog(stack: Stack): Promise<StoredLog> {
  const tenant = await stack.makeTenant();
  const person = await signInPerson(stack, tenant);
  const big = await runLoad(stack, tenant, {
    batches: bigTraceEvents / spansPerBatch,
    spans: spansPerBatch,
    connections: 1,
    spansPerTrace: bigTraceEvents,
  });
  const rest = { batches: (eventsStored - bigTraceEvents) / spansPerBatch, spans: spansPerBatch };
  const report = await runLoad(stack, tenant, { ...rest, connections: 8 });
  if (big.refused + report.refused > 0) throw new Error(`${report.refused} events were refused`);
  note(`stored: ${Math.round(report.acknowledged / report.seconds)} events/s`);
  await waitUntilCaughtUp(stack.admin, tenant.uuid, 3_600_000);
  return { tenant, person, bigTraceId: firstTraceOf(big.run), events: eventsStored };
}

function figureOf(
  stack: Stack,
  log: StoredLog,
  name: string,
  latenciesMs: readonly number[],
  params: Readonly<Record<string, unknown>>,
): Figure {
  return {
    name,
    unit: 'ms',
    value: rounded(percentile(latenciesMs, 0.95)),
    p50: rounded(percentile(latenciesMs, 0.5)),
    p99: rounded(percentile(latenciesMs, 0.99)),
    ...noFloor,
    params: {
      value: 'p95',
      eventsStored: log.events,
      ...params,
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/** What each question took, and all of them together. */
interface TimedQuestions {
  readonly latenciesMs: readonly number[];
  /** The slowest question by its p95: an average over all would hide one that is bad. */
  readonly worst: { readonly question: object; readonly p95: number };
}

/** Asks one question after the other, in turn, and leaves the first few out. */
async function timeQuestions(
  stack: Stack,
  log: StoredLog,
  questions: readonly object[],
): Promise<TimedQuestions> {
  const latenciesOf = new Map<object, number[]>(questions.map((question) => [question, []]));
  for (let round = -warmUpRounds; round < rounds; round++) {
    for (const [question, latenciesMs] of latenciesOf) {
      const { ms } = await timeQuery(stack, log.tenant, log.person, 'traces.list', question);
      if (round >= 0) latenciesMs.push(ms);
    }
  }
  const slowest = [...latenciesOf]
    .map(([question, ms]) => ({ question, p95: rounded(percentile(ms, 0.95)) }))
    .toSorted((a, b) => b.p95 - a.p95)[0];
  if (!slowest) throw new Error('nothing was asked');
  return { latenciesMs: [...latenciesOf.values()].flat(), worst: slowest };
}

/** The first page of the trace list and of its filters, also of those that nothing matches. */
export async function benchList(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const questions = [
    {},
    { limit: 200 },
    { agent: 'support-agent-3' },
    { agent: 'nobody' },
    { hasUntrusted: true },
    { hasErrors: true },
    { hasAlerts: true },
    { tool: 'lookup_order' },
    { tool: 'no_such_tool' },
    { from: new Date(Date.now() - 3_600_000).toISOString() },
    { session: 'conversation-17' },
    { user: 'nobody' },
  ];
  const { latenciesMs, worst } = await timeQuestions(stack, log, questions);
  return [figureOf(stack, log, 'list', latenciesMs, { questions, rounds, worst })];
}

/** Words that are in every event, in some, in one and in none, alone, together and with filters. */
export async function benchSearch(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const questions = [
    { q: 'invoice' },
    { q: 'the' },
    { q: 'case' },
    { q: 'order history parcel' },
    { q: 'call-4711' },
    { q: 'A-123456' },
    { q: 'migration sunday contain' },
    { q: 'support-agent-5 warehouse' },
    { q: 'nosuchword' },
    { q: 'invoice nosuchword' },
    { q: 'inv' },
    { q: 'invoice', hasErrors: true },
    { q: 'invoice', agent: 'nobody' },
  ];
  const { latenciesMs, worst } = await timeQuestions(stack, log, questions);
  return [figureOf(stack, log, 'search', latenciesMs, { questions, rounds, worst })];
}

/** The overview page as the server answers it, complete with its figures. */
export async function benchOverview(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const ranges = ['', '?range=1h', '?range=7d'];
  const latenciesMs: number[] = [];
  for (let round = -warmUpRounds; round < rounds * 2; round++) {
    for (const range of ranges) {
      const ms = await timePage(stack, log.person, `/t/${log.tenant.slug}${range}`);
      if (round >= 0) latenciesMs.push(ms);
    }
  }
  return [figureOf(stack, log, 'overview', latenciesMs, { ranges, rounds: rounds * 2 })];
}

/**
 * From the address of a trace of ten thousand events to its rows in a real Chromium, and the nodes
 * that the document then has.
 */
export async function benchTraceOpen(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const browser = await openBrowser(stack, log.person);
  const latenciesMs: number[] = [];
  let domNodesMax = 0;
  try {
    for (let index = -2; index < opens; index++) {
      await browser.page.goto('about:blank');
      const startedAt = performance.now();
      await browser.page.goto(`${stack.url}/t/${log.tenant.slug}/traces/${log.bigTraceId}`);
      await browser.page.getByRole('treeitem').nth(20).waitFor();
      if (index >= 0) latenciesMs.push(performance.now() - startedAt);
      const nodes = await browser.page.locator('*').count();
      domNodesMax = Math.max(domNodesMax, nodes);
    }
  } finally {
    await browser.close();
  }
  return [
    figureOf(stack, log, 'trace-open', latenciesMs, {
      eventsOfTrace: bigTraceEvents,
      opens,
      domNodesMax,
    }),
  ];
}
