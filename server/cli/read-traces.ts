import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { type RecordedTrace, recordedTraceSchema } from './replay-mapping.ts';

/** One line of a replay file as it is read. */
export interface ReadTrace {
  readonly trace: RecordedTrace;
  /** From 0. */
  readonly line: number;
  /** How much of the file has been read, 0–1. */
  readonly share: number;
}

function parseLine(text: string, line: number): RecordedTrace {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new Error(`Line ${line + 1} is not JSON.`, { cause });
  }
  const parsed = recordedTraceSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new Error(`Line ${line + 1} is no recorded trace:\n${z.prettifyError(parsed.error)}`);
}

/**
 * Reads a file of recorded traces, one JSON object a line; empty lines count as lines and are left
 * out. @throws Error naming the line that cannot be read.
 */
export async function* readTraces(path: string): AsyncGenerator<ReadTrace> {
  const { size } = await stat(path);
  const stream = createReadStream(path);
  const lines = createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY });
  let line = 0;
  for await (const text of lines) {
    if (text.trim() !== '') {
      yield { trace: parseLine(text, line), line, share: size === 0 ? 1 : stream.bytesRead / size };
    }
    line += 1;
  }
}
