import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { ExporterEncoding } from '#server/testing/start-tracing.ts';

/**
 * Real agents on mock models, instrumented by what people really use, posting through the stock
 * exporters. Each run is one agent that looks up the weather once and answers: the AI SDK 7 in its
 * `gen_ai` and its `legacy` dialect, LangChain under OpenInference and under OpenLLMetry.
 */
export const emitterNames = ['gen_ai', 'legacy', 'openinference', 'openllmetry'] as const;
export type EmitterName = (typeof emitterNames)[number];

/** Where and how an emitter posts. */
interface EmitterTarget {
  /** For `OTEL_EXPORTER_OTLP_ENDPOINT`: the exporter appends `/v1/traces`. */
  readonly url: string;
  readonly encoding: ExporterEncoding;
  readonly key?: string;
}

const here = dirname(fileURLToPath(import.meta.url));
const node = join(here, '../../node_modules/node/bin/node');

/** Runs one emitter in a process of its own and waits until all that it sent was answered. */
export async function runEmitter(name: EmitterName, target: EmitterTarget): Promise<void> {
  const { url, encoding, key } = target;
  const env = {
    NODE_ENV: 'test' as const,
    OTEL_EXPORTER_OTLP_ENDPOINT: url,
    OTEL_EXPORTER_OTLP_COMPRESSION: 'gzip',
    // The standard has header values percent-encoded.
    ...(key === undefined ? {} : { OTEL_EXPORTER_OTLP_HEADERS: `authorization=Bearer%20${key}` }),
  };
  const script = join(here, 'emit-otlp.ts');
  await promisify(execFile)(node, [script, name, encoding], { timeout: 60_000, env });
}
