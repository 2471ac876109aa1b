import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { writePrivateFile } from './data-folder.ts';

/** What a running `up` tells the other commands of its data folder. */
const runningSchema = z.object({
  pid: z.number().int(),
  /** Folder of the embedded server's socket; null with a Postgres of the user's own. */
  socketDir: z.string().nullable(),
  /** Where the web listens; null until it does. */
  url: z.url().nullable(),
  /** Whether the demo fleet works. */
  hasFleet: z.boolean(),
});
export type Running = z.infer<typeof runningSchema>;

const fileOf = (folder: string) => join(folder, 'running.json');

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The running `up` of a data folder; null when none runs. */
export function readRunning(folder: string): Running | null {
  const path = fileOf(folder);
  if (!existsSync(path)) return null;
  const parsed = runningSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success && isAlive(parsed.data.pid) ? parsed.data : null;
}

export function writeRunning(folder: string, running: Running): void {
  writePrivateFile(fileOf(folder), `${JSON.stringify(running)}\n`);
}

export function clearRunning(folder: string): void {
  rmSync(fileOf(folder), { force: true });
}
