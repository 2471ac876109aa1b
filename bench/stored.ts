import { availableParallelism } from 'node:os';
import { openBrowser } from './browser.ts';
import { waitUntilCaughtUp } from './caught-up.ts';
import { type Figure, note, percentile, rounded } from './figure.ts';
import { runLoad } from './load.ts';
import { type BenchPerson, signInPerson, timeQuery } from './person.ts';
import { firstTraceOf } from './span-batches.ts';
import type { BenchTenant, Stack } from './stack.ts';

const eventsStored = 1_000_000;
const spansPerBatch = 500;
const bigTraceEvents = 10_000;
const requests = 200;
const warmUps = 10;
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
function storedLog(stack: Stack): Promise<StoredLog> {
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
    floorName: null,
    floor: null,
    ratio: null,
    params: {
      value: 'p95',
      eventsStored: log.events,
      ...params,
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/** Asks one question after the other, in turn, and leaves the first few out. */
async function timeQuestions(
  stack: Stack,
  log: StoredLog,
  questions: readonly object[],
): Promise<number[]> {
  const latenciesMs: number[] = [];
  for (let index = -warmUps; index < requests; index++) {
    const question = questions[(index + warmUps) % questions.length] ?? {};
    const { ms } = await timeQuery(stack, log.tenant, log.person, 'traces.list', question);
    if (index >= 0) latenciesMs.push(ms);
  }
  return latenciesMs;
}

/** The first page of the trace list and of its filters, over a million events. */
export async function benchList(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const questions = [
    {},
    { limit: 200 },
    { agent: 'support-agent-3' },
    { hasUntrusted: true },
    { hasErrors: true },
    { tool: 'lookup_order' },
    { from: new Date(Date.now() - 3_600_000).toISOString() },
    { session: 'conversation-17' },
  ];
  const latenciesMs = await timeQuestions(stack, log, questions);
  return [figureOf(stack, log, 'list', latenciesMs, { questions, requests })];
}

/** Words that are in every event, in some and in one, alone and together. */
export async function benchSearch(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const questions = [
    { q: 'invoice' },
    { q: 'order history parcel' },
    { q: 'call-4711' },
    { q: 'A-123456' },
    { q: 'migration sunday contain' },
    { q: 'support-agent-5 warehouse' },
    { q: 'nosuchword' },
    { q: 'inv' },
  ];
  const latenciesMs = await timeQuestions(stack, log, questions);
  return [figureOf(stack, log, 'search', latenciesMs, { questions, requests })];
}

/** From the address of a trace of ten thousand events to its rows in a real Chromium. */
export async function benchTraceOpen(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const browser = await openBrowser(stack, log.person);
  const latenciesMs: number[] = [];
  try {
    for (let index = -2; index < opens; index++) {
      await browser.page.goto('about:blank');
      const startedAt = performance.now();
      await browser.page.goto(`${stack.url}/t/${log.tenant.slug}/traces/${log.bigTraceId}`);
      await browser.page.getByRole('treeitem').nth(20).waitFor();
      if (index >= 0) latenciesMs.push(performance.now() - startedAt);
    }
  } finally {
    await browser.close();
  }
  return [
    figureOf(stack, log, 'trace-open', latenciesMs, { eventsOfTrace: bigTraceEvents, opens }),
  ];
}
