import { describe, expect, it } from 'vitest';
import { parseStat, readProcessorTime } from './processor-time.ts';

/** A line as the kernel prints it; user, system and the children's times are fields 14 to 17. */
const lineOf = (name: string, times: readonly number[]): string =>
  `4711 (${name}) S 99 4711 4711 0 -1 4194560 8193 0 1 0 ${times.join(' ')} 20 0 11 0 1234 0 0`;

describe('parseStat', () => {
  it.each(['node', 'my (odd) name', 'a) S 1 2 3', ''])('finds parent and time of "%s"', (name) => {
    expect(parseStat(lineOf(name, [120, 30, 4, 1]))).toEqual({ parent: 99, ms: 1550 });
  });
});

describe('readProcessorTime', () => {
  it.skipIf(process.platform !== 'linux')('is nothing for a process without such children', () => {
    expect(readProcessorTime(process.pid)).toEqual({ web: 0, worker: 0, postgres: 0 });
  });
});
