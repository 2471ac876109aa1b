/**
 * `npm test`: checks, unit and database tests, browser tests, campaigns. Prints how many passed and
 * failed, alone on its last line, and leaves no process behind.
 */
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { buildPages } from '#server/cli/build-pages.ts';
import {
  addTallies,
  emptyTally,
  formatTally,
  readPlaywrightReport,
  readVitestReport,
  type Tally,
} from './read-report.ts';
import { lanes, runInLanes } from './run-in-lanes.ts';
import { endRunningSteps, endStrays, runStep } from './run-step.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '../..');
const minuteMs = 60_000;

const show = (line: string) => process.stderr.write(`${line}\n`);
const binary = (path: string) => join(root, 'node_modules', path);

interface Program {
  readonly name: string;
  readonly args: readonly string[];
}

/** Programs whose exit status is one test each. */
const checks: readonly Program[] = [
  { name: 'types', args: [binary('typescript/bin/tsc'), '--noEmit'] },
  { name: 'lint', args: [binary('oxlint/bin/oxlint'), '--type-aware', '--deny-warnings'] },
  { name: 'format', args: [binary('oxfmt/bin/oxfmt'), '--check', '.'] },
  { name: 'dead code', args: [binary('knip/bin/knip.js')] },
];

/** Each campaign at a fraction of its size. */
const campaigns: readonly Program[] = [
  { name: 'crash', args: [join(root, 'campaign', 'run.ts'), 'crash', '--rounds', '5'] },
  {
    name: 'hold crash',
    args: [join(root, 'campaign', 'run.ts'), 'hold-crash', '--rounds', '5'],
  },
  {
    name: 'revoke crash',
    args: [join(root, 'campaign', 'run.ts'), 'revoke-crash', '--rounds', '5'],
  },
  {
    name: 'stop crash',
    args: [join(root, 'campaign', 'run.ts'), 'stop-crash', '--rounds', '3'],
  },
  { name: 'hold', args: [join(root, 'campaign', 'run.ts'), 'hold', '--rounds', '200'] },
  { name: 'bindings', args: [join(root, 'campaign', 'run.ts'), 'bindings', '--rounds', '200'] },
];

const bugParts = 3;

/** A third of the seeded bugs, another one by chance each time. Takes all lanes by itself. */
function someSeededBugs(): Program {
  const part = `${1 + Math.floor(Math.random() * bugParts)}/${bugParts}`;
  return {
    name: `seeded bugs, --part ${part}`,
    args: [join(root, 'campaign', 'run-seeded-bugs.ts'), '--part', part],
  };
}

/** Runs programs that share nothing but the machine, one in each lane. */
async function runPrograms(
  kind: string,
  programs: readonly Program[],
  timeoutMs: number,
): Promise<Tally> {
  const run = async ({ name, args }: Program): Promise<Tally> => {
    const result = await runStep(args, { timeoutMs, isQuiet: true });
    const isGreen = result.status === 0;
    show(`${isGreen ? '✓' : '✗'} ${kind}: ${name} (${result.seconds.toFixed(1)} s)`);
    if (!isGreen) show(result.output);
    return { passed: isGreen ? 1 : 0, failed: isGreen ? 0 : 1, skipped: 0 };
  };
  return (await runInLanes(programs, lanes, run)).reduce(addTallies, emptyTally);
}

const readIfThere = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : null);

async function runVitest(folder: string): Promise<Tally> {
  const file = join(folder, 'vitest.json');
  const result = await runStep(
    [
      binary('vitest/vitest.mjs'),
      'run',
      '--reporter=dot',
      '--reporter=json',
      `--outputFile.json=${file}`,
    ],
    { timeoutMs: 12 * minuteMs },
  );
  const tally = readVitestReport(readIfThere(file), result.status);
  show(`unit and database tests: ${formatTally(tally)} (${result.seconds.toFixed(0)} s)`);
  return tally;
}

async function runPlaywright(folder: string): Promise<Tally> {
  const file = join(folder, 'playwright.json');
  const result = await runStep(
    [binary('@playwright/test/cli.js'), 'test', '--reporter=list,json'],
    {
      timeoutMs: 12 * minuteMs,
      env: { PLAYWRIGHT_JSON_OUTPUT_NAME: file },
    },
  );
  const tally = readPlaywrightReport(readIfThere(file), result.status);
  show(`browser tests: ${formatTally(tally)} (${result.seconds.toFixed(0)} s)`);
  return tally;
}

async function runAll(folder: string): Promise<Tally> {
  let tally = await runPrograms('check', checks, 5 * minuteMs);
  tally = addTallies(tally, await runVitest(folder));
  await buildPages(root, new AbortController().signal);
  tally = addTallies(tally, await runPlaywright(folder));
  tally = addTallies(tally, await runPrograms('campaign', campaigns, 5 * minuteMs));
  tally = addTallies(tally, await runPrograms('campaign', [someSeededBugs()], 5 * minuteMs));
  const strays = await endStrays();
  for (const stray of strays) show(`✗ left behind: ${stray}`);
  const isClean = strays.length === 0;
  return addTallies(tally, { passed: isClean ? 1 : 0, failed: isClean ? 0 : 1, skipped: 0 });
}

async function main(): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-run-'));
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.once(signal, () => {
      endRunningSteps();
      void endStrays().then(() => process.exit(1));
    });
  }
  let tally: Tally;
  try {
    tally = await runAll(folder);
  } catch (error) {
    show(error instanceof Error ? (error.stack ?? error.message) : String(error));
    await endStrays();
    tally = { ...emptyTally, failed: 1 };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  process.stdout.write(`${formatTally(tally)}\n`);
  return tally.failed === 0 ? 0 : 1;
}

process.exitCode = await main();
