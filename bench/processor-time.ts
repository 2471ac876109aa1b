import { readdirSync, readFileSync } from 'node:fs';

/** Linux counts in ticks of 10 ms, whatever the kernel's own timer (`getconf CLK_TCK`). */
const tickMs = 10;

/** Processor milliseconds so far of the parts of one running `signalbox up`. */
export interface ProcessorTime {
  readonly web: number;
  readonly worker: number;
  readonly postgres: number;
}

interface ProcessLine {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
  /** Its own, and that of its children that have ended. */
  readonly ms: number;
}

function readProcesses(): ProcessLine[] {
  return readdirSync('/proc').flatMap((name): ProcessLine[] => {
    if (!/^\d+$/.test(name)) return [];
    try {
      const stat = readFileSync(`/proc/${name}/stat`, 'latin1');
      const command = readFileSync(`/proc/${name}/cmdline`, 'latin1').replaceAll('\0', ' ');
      return [{ pid: Number(name), command, ...parseStat(stat) }];
    } catch {
      return []; // it ended meanwhile
    }
  });
}

/** `4711 (name) S 1 …` of /proc/<pid>/stat, proc(5): parent is field 4, times are 14 to 17. */
export function parseStat(stat: string): { readonly parent: number; readonly ms: number } {
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { parent: Number(fields[1]), ms: ticks * tickMs };
}

/**
 * Processor time of the children of `up`, all processes of the database included. On a machine that
 * others use too it says more than the clock. Null where there is no /proc.
 */
export function readProcessorTime(upPid: number): ProcessorTime | null {
  if (process.platform !== 'linux') return null;
  const all = readProcesses();
  const below = (pid: number): ProcessLine[] => {
    const children = all.filter((line) => line.parent === pid);
    return [...children, ...children.flatMap((child) => below(child.pid))];
  };
  const msOf = (pattern: RegExp): number =>
    below(upPid)
      .filter((line) => pattern.test(line.command))
      .reduce((sum, line) => sum + line.ms, 0);
  return {
    web: msOf(/cli\.ts web/),
    worker: msOf(/cli\.ts worker/),
    postgres: msOf(/postgres/),
  };
}

/** Processor microseconds of each part for one of `units` pieces of work; null where nobody counts. */
export function perUnit(
  before: ProcessorTime | null,
  after: ProcessorTime | null,
  units: number,
): Readonly<Record<keyof ProcessorTime, number>> | null {
  if (before === null || after === null) return null;
  const us = (part: keyof ProcessorTime): number =>
    Math.round(((after[part] - before[part]) * 1000) / units);
  return { web: us('web'), worker: us('worker'), postgres: us('postgres') };
}
