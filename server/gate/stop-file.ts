import { lstatSync } from 'node:fs';

const registry = globalThis as typeof globalThis & { __signalboxStopFile?: string };

/**
 * Names the file whose presence halts this process, whatever the database says. Process-wide: every
 * gate of both module graphs looks at it. Null (tests) looks at nothing.
 */
export function setStopFile(path: string | null): void {
  if (path === null) delete registry.__signalboxStopFile;
  else registry.__signalboxStopFile = path;
}

/**
 * Whether the stop file is there. Only a clear "no such file" is a no: a folder that cannot be read
 * halts as well. A broken link counts as there.
 */
export function isStopFilePresent(): boolean {
  const path = registry.__signalboxStopFile;
  if (path === undefined) return false;
  try {
    // Without the exception for a file that is not there, which costs six times the look.
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return true;
  }
}
