import { availableParallelism } from 'node:os';
import { readLag, waitUntilCaughtUp } from './caught-up.ts';
import { measureCopyFloor } from './copy-floor.ts';
import { type Figure, note, percentile, rounded } from './figure.ts';
import { type LoadShape, runLoad } from './load.ts';
import type { LoadReport } from './load-process.ts';
import { perUnit, readProcessorTime } from './processor-time.ts';
import type { Stack } from './stack.ts';

interface Measured {
  readonly report: LoadReport;
  /** From the first request until every reader has seen the last event. */
  readonly caughtUpSeconds: number;
  readonly lagAtEnd: Readonly<Record<string, number>>;
  readonly bodyBytes: number;
  /** Processor microseconds an event, by part, until caught up; null where nobody counts them. */
  readonly processorUs: Readonly<Record<string, number>> | null;
}

async function measure(stack: Stack, shape: LoadShape): Promise<Measured> {
  const tenant = await stack.makeTenant();
  const before = readProcessorTime(stack.pid);
  const report = await runLoad(stack, tenant, shape);
  const endedAt = performance.now();
  const lag = await readLag(stack.admin, tenant.uuid);
  await waitUntilCaughtUp(stack.admin, tenant.uuid);
  const behindSeconds = (performance.now() - endedAt) / 1000;
  const after = readProcessorTime(stack.pid);
  const [stored] = await stack.admin<{ events: number; bytes: number }[]>`
    select count(*)::int as events, avg(body_bytes)::int as bytes
    from events where tenant_id = ${tenant.uuid}`;
  const expected = shape.batches * shape.spans;
  if (report.refused > 0 || stored?.events !== expected) {
    throw new Error(`${stored?.events} of ${expected} events stored, ${report.refused} refused`);
  }
  return {
    report,
    caughtUpSeconds: report.seconds + behindSeconds,
    lagAtEnd: lag.eventsByReader,
    bodyBytes: stored.bytes,
    processorUs: perUnit(before, after, expected),
  };
}

function figureOf(
  stack: Stack,
  name: string,
  shape: LoadShape,
  measured: Measured,
  floor: number,
): Figure {
  const { report, caughtUpSeconds } = measured;
  const value = report.acknowledged / caughtUpSeconds;
  return {
    name,
    unit: 'events/s',
    value: rounded(value),
    p50: rounded(percentile(report.latenciesMs, 0.5)),
    p99: rounded(percentile(report.latenciesMs, 0.99)),
    floorName: 'COPY binary, one connection, same bytes, key and two indexes',
    floor: rounded(floor),
    ratio: rounded(value / floor),
    params: {
      events: report.acknowledged,
      bytesPerEvent: measured.bodyBytes,
      eventsPerBatch: shape.spans,
      connections: shape.connections,
      encoding: 'OTLP protobuf',
      acknowledgedPerSecond: rounded(report.acknowledged / report.seconds),
      lagAtEndEvents: measured.lagAtEnd,
      caughtUpAfterSeconds: rounded(caughtUpSeconds - report.seconds),
      processorUsPerEvent: measured.processorUs,
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}

/**
 * How many events a second are stored for good, redacted, assembled, indexed and judged: timed from
 * the first request until every reader has caught up. The floor is measured right before it, on the
 * same server.
 */
export async function benchIngest(stack: Stack): Promise<Figure[]> {
  const batches: LoadShape = { batches: 400, spans: 500, connections: 8 };
  const single: LoadShape = { batches: 20_000, spans: 1, connections: 32 };
  await measure(stack, { batches: 40, spans: 500, connections: 8 });
  const floor = await measureCopyFloor(stack.floorUrl, 1500, 100_000);
  note(`floor ${Math.round(floor)} rows/s`);
  const ingest = await measure(stack, batches);
  note(`ingest: ${JSON.stringify({ ...ingest, report: { ...ingest.report, latenciesMs: [] } })}`);
  const ingestSingle = await measure(stack, single);
  return [
    figureOf(stack, 'ingest', batches, ingest, floor),
    figureOf(stack, 'ingest', single, ingestSingle, floor),
  ];
}
