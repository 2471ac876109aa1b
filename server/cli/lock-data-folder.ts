import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DatabaseSync } from 'node:sqlite';
import { z } from 'zod';
import { writePrivateFile } from './data-folder.ts';

/** Who holds a data folder, for the message to the one who comes second. */
const holderSchema = z.object({ pid: z.number(), command: z.string() });
export type Holder = z.infer<typeof holderSchema>;

export interface DataFolderLock {
  readonly release: () => void;
}

const retryMs = 100;

function tryLock(folder: string): DatabaseSync | null {
  const file = new DatabaseSync(join(folder, 'lock'));
  try {
    file.exec('pragma busy_timeout = 0; begin exclusive');
    return file;
  } catch (error) {
    file.close();
    if (error instanceof Error && /locked/.test(error.message)) return null;
    throw error;
  }
}

/** Who holds the folder now; null when that is not known. */
export function holderOf(folder: string): Holder | null {
  const path = join(folder, 'lock-holder.json');
  if (!existsSync(path)) return null;
  const parsed = holderSchema.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  return parsed.success ? parsed.data : null;
}

/**
 * Takes the data folder for this process alone, or answers null when it is still taken after
 * `waitMs`. An open exclusive transaction on an empty SQLite file serves as the lock, because the
 * kernel lets go of it when the process dies, however it dies: there is no stale lock to guess at.
 */
export async function lockDataFolder(
  folder: string,
  command: string,
  waitMs: number,
): Promise<DataFolderLock | null> {
  for (const deadline = Date.now() + waitMs; ;) {
    const file = tryLock(folder);
    if (file) {
      writePrivateFile(
        join(folder, 'lock-holder.json'),
        `${JSON.stringify({ pid: process.pid, command } satisfies Holder)}\n`,
      );
      return { release: () => file.close() };
    }
    if (Date.now() >= deadline) return null;
    await wait(retryMs);
  }
}
