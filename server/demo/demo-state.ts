import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from '#server/cli/data-folder.ts';

/**
 * The demo of this machine: whether its fleet is wanted, and the agents' keys. In the data folder,
 * readable by its owner alone; written by the commands, read by `up` and the fleet.
 */
const stateSchema = z.object({ isWanted: z.boolean(), keys: z.record(z.string(), z.string()) });
export type DemoState = z.infer<typeof stateSchema>;

/** How far the fleet is; written by the fleet alone. */
const progressSchema = z.object({
  posted: z.number().int().nonnegative(),
  /** Runs begun so far: the seed of the next. */
  runs: z.number().int().nonnegative(),
});
export type DemoProgress = z.infer<typeof progressSchema>;

const stateFile = (folder: string) => join(folder, 'demo.json');
const progressFile = (folder: string) => join(folder, 'demo-progress.json');

function readAs<T>(schema: z.ZodType<T>, path: string): T | null {
  if (!existsSync(path)) return null;
  const parsed = schema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : null;
}

/** Null when there is no demo on this machine. */
export function readDemoState(folder: string): DemoState | null {
  return readAs(stateSchema, stateFile(folder));
}

export function writeDemoState(folder: string, state: DemoState): void {
  writePrivateFile(stateFile(folder), `${JSON.stringify(state)}\n`);
}

export function readProgress(folder: string): DemoProgress {
  return readAs(progressSchema, progressFile(folder)) ?? { posted: 0, runs: 0 };
}

export function writeProgress(folder: string, progress: DemoProgress): void {
  writePrivateFile(progressFile(folder), `${JSON.stringify(progress)}\n`);
}

export function removeDemoState(folder: string): void {
  rmSync(stateFile(folder), { force: true });
  rmSync(progressFile(folder), { force: true });
}
