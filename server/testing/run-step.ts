import { type ChildProcess, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { childEnv } from '#server/kernel/env.ts';

/** Set in the environment of everything that one run starts: by it strays are found. */
const runMark = `SIGNALBOX_TEST_RUN=${randomBytes(8).toString('hex')}`;

export interface StepResult {
  /** Null when it was ended for taking too long. */
  readonly status: number | null;
  readonly output: string;
  readonly seconds: number;
}

const outputCharsMax = 200_000;
const running = new Set<ChildProcess>();

function endGroup(child: ChildProcess): void {
  if (child.pid === undefined) return;
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch {
    // The group is gone already.
  }
}

/** Ends the groups of all steps that still run: for Ctrl-C. */
export function endRunningSteps(): void {
  for (const child of running) endGroup(child);
}

/**
 * Runs one program of the test command to its end, in a process group of its own that is ended with
 * it. Its output is shown as it comes and kept, newest last.
 */
export function runStep(
  args: readonly string[],
  options: {
    readonly timeoutMs: number;
    readonly env?: Readonly<Record<string, string>>;
    readonly isQuiet?: boolean;
  },
): Promise<StepResult> {
  const startedMs = performance.now();
  const [markName = '', markValue = ''] = runMark.split('=');
  const child = spawn(process.execPath, [...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
    env: childEnv({ ...options.env, [markName]: markValue, NEXT_TELEMETRY_DISABLED: '1' }),
  });
  running.add(child);
  let output = '';
  const keep = (chunk: Buffer) => {
    output = (output + chunk.toString()).slice(-outputCharsMax);
    if (!options.isQuiet) process.stderr.write(chunk);
  };
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const timer = setTimeout(() => {
    output += `\nended after ${options.timeoutMs / 1000} s\n`;
    endGroup(child);
  }, options.timeoutMs);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('exit', (status) => {
      clearTimeout(timer);
      running.delete(child);
      endGroup(child);
      resolve({ status, output, seconds: (performance.now() - startedMs) / 1000 });
    });
  });
}

/** Pids of processes that this run started and that are still there (Linux; elsewhere none). */
function findStrays(): { pid: number; command: string }[] {
  let pids: string[];
  try {
    pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  } catch {
    return [];
  }
  return pids.flatMap((name) => {
    const pid = Number(name);
    if (pid === process.pid) return [];
    try {
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8').split('\0');
      if (!environment.includes(runMark)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ').trim();
      return command === '' ? [] : [{ pid, command }];
    } catch {
      return [];
    }
  });
}

const strayGraceMs = 5_000;

/**
 * Ends every process that this run left behind and names them. What is ending by itself is given a
 * moment: a database that has just been told to stop still writes.
 */
export async function endStrays(): Promise<string[]> {
  let strays = findStrays();
  for (const deadline = Date.now() + strayGraceMs; strays.length > 0 && Date.now() < deadline;) {
    await new Promise((resolve) => setTimeout(resolve, 100));
    strays = findStrays();
  }
  for (const stray of strays) {
    try {
      process.kill(stray.pid, 'SIGKILL');
    } catch {
      // It ended in between.
    }
  }
  return strays.map((stray) => `${stray.pid} ${stray.command.slice(0, 200)}`);
}
