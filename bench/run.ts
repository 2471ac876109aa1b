import { type Figure, note, printFigure } from './figure.ts';
import { type Stack, startStack } from './stack.ts';

type Bench = (stack: Stack) => Promise<Figure[]>;

/** Every bench by its name; each is loaded only when it is run. */
const benches: Readonly<Record<string, () => Promise<Bench>>> = {
  ingest: async () => (await import('./ingest.ts')).benchIngest,
  decisions: async () => (await import('./decisions.ts')).benchDecisions,
  'stop-latency': async () => (await import('./stop-latency.ts')).benchStopLatency,
  halts: async () => (await import('./halts.ts')).benchHalts,
  leases: async () => (await import('./leases.ts')).benchLeases,
  'approve-permit': async () => (await import('./approve-permit.ts')).benchApprovePermit,
  'alert-latency': async () => (await import('./alert-latency.ts')).benchAlertLatency,
  'rules-load': async () => (await import('./rules-load.ts')).benchRulesLoad,
  'guard-lag': async () => (await import('./guard-lag.ts')).benchGuardLag,
  sse: async () => (await import('./sse.ts')).benchSse,
  'trace-open': async () => (await import('./stored.ts')).benchTraceOpen,
  list: async () => (await import('./stored.ts')).benchList,
  search: async () => (await import('./stored.ts')).benchSearch,
  overview: async () => (await import('./stored.ts')).benchOverview,
  backtest: async () => (await import('./backtest.ts')).benchBacktest,
  'page-weight': async () => (await import('./page-weight.ts')).benchPageWeight,
  'alerted-traces': async () => (await import('./alerted-traces.ts')).benchAlertedTraces,
};

/** These look at one log of a million events, which takes minutes to fill: they share it. */
const sharing = new Set(['trace-open', 'list', 'search', 'overview', 'backtest']);

/** Names by the product that they run on; every other bench gets one of its own. */
function groupNames(names: readonly string[]): string[][] {
  const shared = names.filter((name) => sharing.has(name));
  const own = names.filter((name) => !sharing.has(name)).map((name) => [name]);
  return shared.length > 0 ? [...own, shared] : own;
}

/** Answers how many failed. */
async function runGroup(names: readonly string[]): Promise<number> {
  let failures = 0;
  const stack = await startStack();
  try {
    for (const name of names) {
      note(`bench ${name} …`);
      try {
        const bench = await benches[name]?.();
        for (const figure of (await bench?.(stack)) ?? []) printFigure(figure);
      } catch (error) {
        failures += 1;
        note(`bench ${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
      }
    }
  } finally {
    await stack.close();
  }
  return failures;
}

async function main(asked: readonly string[]): Promise<number> {
  const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0) {
    note(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
    return 2;
  }
  const names = asked.length === 0 ? Object.keys(benches) : asked;
  let failures = 0;
  for (const group of groupNames(names)) failures += await runGroup(group);
  return failures === 0 ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
