import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { EmitterTarget } from '#server/testing/start-tracing.ts';

/**
 * Real agents on mock models, instrumented by what people really use, posting through the stock
 * exporters. Each run is one agent that looks up the weather once and answers: the AI SDK 7 in its
 * `gen_ai` and its `legacy` dialect, LangChain under OpenInference and under OpenLLMetry.
 */
export const emitterNames = ['gen_ai', 'legacy', 'openinference', 'openllmetry'] as const;
export type EmitterName = (typeof emitterNames)[number];

const here = dirname(fileURLToPath(import.meta.url));
const node = join(here, '../../node_modules/node/bin/node');

/** Runs one emitter in a process of its own and waits until all that it sent was answered. */
export async function runEmitter(name: EmitterName, target: EmitterTarget): Promise<void> {
  const script = join(here, 'emit-otlp.ts');
  await promisify(execFile)(node, [script, name, JSON.stringify(target)], { timeout: 60_000 });
}
