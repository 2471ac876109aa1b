/**
 * Breaks controls on purpose: each patch of `campaign/seeded-bugs/` is applied to a copy of the
 * checkout, and the test that its first lines name must then fail. A campaign that has never failed
 * proves nothing.
 */
import {
  cpSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { applyPatch, parsePatch } from 'diff';
import { startTestServer, type TestServer } from '#server/testing/postgres.ts';
import { lanes, runInLanes } from '#server/testing/run-in-lanes.ts';
import { endRunningSteps, runStep } from '#server/testing/run-step.ts';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const patchFolder = join(root, 'campaign', 'seeded-bugs');
const timeoutMs = 180_000;

/** What is copied: sources and settings, nothing that was built or stored. */
const copied = ['bench', 'campaign', 'components', 'db', 'e2e', 'server'];
const copiedFiles = ['package.json', 'tsconfig.json', 'vitest.config.ts'];

interface SeededBug {
  readonly name: string;
  /** File and name of the test that must turn red. */
  readonly file: string;
  readonly test: string;
  readonly patch: string;
}

/** Reads a patch and the two lines at its head: `# file: …` and `# test: …`. */
function readBug(file: string): SeededBug {
  const text = readFileSync(join(patchFolder, file), 'utf8');
  const head = (key: string) => new RegExp(`^# ${key}: (.+)$`, 'm').exec(text)?.[1];
  const [test, name] = [head('file'), head('test')];
  if (test === undefined || name === undefined) {
    throw new Error(`${file} must begin with "# file: <test file>" and "# test: <test name>"`);
  }
  const patch = text.slice(text.indexOf('--- '));
  return { name: basename(file, '.patch'), file: test, test: name, patch };
}

/** A copy of the checkout with the bug in it. @throws Error when the patch no longer fits. */
function makeBrokenCopy(bug: SeededBug): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bug-'));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of copiedFiles) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  for (const part of parsePatch(bug.patch)) {
    const path = join(folder, (part.newFileName ?? '').replace(/^b\//, ''));
    const broken = applyPatch(readFileSync(path, 'utf8'), part);
    if (broken === false) throw new Error(`${bug.name}.patch no longer fits ${path}`);
    writeFileSync(path, broken);
  }
  return folder;
}

interface VitestReport {
  readonly testResults: readonly {
    readonly assertionResults: readonly { readonly fullName: string; readonly status: string }[];
  }[];
}

/** A bug in what makes the database needs a database that it made. */
const isOfDatabase = (bug: SeededBug) => /^\+\+\+ b\/db\//m.test(bug.patch);

/** True when the named test failed: not when it is missing, nor when nothing ran at all. */
async function isCaught(bug: SeededBug, folder: string, server: TestServer): Promise<boolean> {
  const report = join(folder, 'report.json');
  await runStep(
    [
      join(root, 'node_modules', 'vitest', 'vitest.mjs'),
      'run',
      bug.file,
      // Only the named test: the others of its file say nothing about this bug.
      '--testNamePattern',
      bug.test.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`),
      '--root',
      folder,
      '--reporter=json',
      `--outputFile=${report}`,
    ],
    {
      timeoutMs,
      isQuiet: true,
      env: isOfDatabase(bug) ? {} : { SIGNALBOX_TEST_SERVER: JSON.stringify(server) },
    },
  );
  const { testResults } = JSON.parse(readFileSync(report, 'utf8')) as VitestReport;
  const named = testResults
    .flatMap((file) => file.assertionResults)
    .filter((one) => one.fullName.includes(bug.test));
  if (named.length === 0) throw new Error(`${bug.file} has no test named "${bug.test}"`);
  return named.some((one) => one.status === 'failed');
}

/** Answers whether the bug was caught, and says so. */
async function tryBug(bug: SeededBug, server: TestServer): Promise<boolean> {
  const folder = makeBrokenCopy(bug);
  try {
    const caught = await isCaught(bug, folder, server);
    console.error(
      `${caught ? '✓' : '✗'} ${bug.name}: ${caught ? 'turns red' : 'is NOT caught by'} ${bug.file}, "${bug.test}"`,
    );
    return caught;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function main(): Promise<number> {
  process.once('SIGINT', endRunningSteps);
  const wanted = process.argv.slice(2);
  const bugs = readdirSync(patchFolder)
    .filter((file) => file.endsWith('.patch'))
    .filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.patch')))
    .map(readBug);
  const { server, stop } = await startTestServer();
  let caught: boolean[];
  try {
    caught = await runInLanes(bugs, lanes, (bug) => tryBug(bug, server));
  } finally {
    await stop();
  }
  const missed = bugs.length === 0 ? 1 : caught.filter((one) => !one).length;
  console.log(JSON.stringify({ campaign: 'seeded-bugs', bugs: bugs.length, missed }));
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main();
