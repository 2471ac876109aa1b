import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadReport } from './load-process.ts';
import type { BenchTenant, Stack } from './stack.ts';

const run = promisify(execFile);
const loadProcess = fileURLToPath(new URL('load-process.ts', import.meta.url));

export interface LoadShape {
  readonly batches: number;
  readonly spans: number;
  readonly connections: number;
  /** As fast as it goes when absent. */
  readonly eventsPerSecond?: number;
  /** Spans of one trace; 10 when absent. */
  readonly spansPerTrace?: number;
}

/** Posts OTLP from a process of its own; answers when it has ended. */
export async function runLoad(
  stack: Stack,
  tenant: BenchTenant,
  shape: LoadShape,
): Promise<LoadReport> {
  const options = {
    url: stack.url,
    keys: [tenant.key, tenant.otherKey],
    run: randomBytes(6).toString('hex'),
    ...shape,
  };
  const { stdout } = await run(process.execPath, [loadProcess, JSON.stringify(options)], {
    maxBuffer: 64 * 1024 * 1024,
  });
  return JSON.parse(stdout) as LoadReport;
}
