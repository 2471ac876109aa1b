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
import { parseArgs } from 'node:util';
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

/** A whole copy of the checkout, for one bug after the other: what none of them touches is compiled once. */
function makeCopy(): string {
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-bug-'));
  for (const name of copied) cpSync(join(root, name), join(folder, name), { recursive: true });
  for (const name of copiedFiles) cpSync(join(root, name), join(folder, name));
  symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
  return folder;
}

/** Puts the bug into a copy; answers how to take it out. @throws Error when the patch no longer fits. */
function breakCopy(bug: SeededBug, folder: string): () => void {
  const paths = parsePatch(bug.patch).map((part) => {
    const path = (part.newFileName ?? '').replace(/^b\//, '');
    const broken = applyPatch(readFileSync(join(folder, path), 'utf8'), part);
    if (broken === false) throw new Error(`${bug.name}.patch no longer fits ${path}`);
    writeFileSync(join(folder, path), broken);
    return path;
  });
  return () => {
    for (const path of paths) cpSync(join(root, path), join(folder, path));
  };
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
      // Not among those of the checkout: the copies are gone afterwards.
      '--fsModuleCachePath',
      join(folder, 'compiled'),
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
async function tryBug(bug: SeededBug, folder: string, server: TestServer): Promise<boolean> {
  const mend = breakCopy(bug, folder);
  try {
    const caught = await isCaught(bug, folder, server);
    console.error(
      `${caught ? '✓' : '✗'} ${bug.name}: ${caught ? 'turns red' : 'is NOT caught by'} ${bug.file}, "${bug.test}"`,
    );
    return caught;
  } finally {
    mend();
  }
}

/** Each bug in a copy that no other one is in at the time. */
async function tryAll(bugs: readonly SeededBug[], server: TestServer): Promise<boolean[]> {
  const copies = Array.from({ length: lanes }, makeCopy);
  const free = [...copies];
  try {
    return await runInLanes(bugs, lanes, async (bug) => {
      const folder = free.pop();
      if (folder === undefined) throw new Error('there are fewer copies than lanes');
      try {
        return await tryBug(bug, folder, server);
      } finally {
        free.push(folder);
      }
    });
  } finally {
    for (const folder of copies) rmSync(folder, { recursive: true, force: true });
  }
}

/** `K/N`: every Nth bug from the Kth on. @throws Error when it is not of that form */
function readPart(text: string): (index: number) => boolean {
  const [part, parts] = (/^(\d+)\/(\d+)$/.exec(text) ?? []).slice(1).map(Number);
  if (part === undefined || parts === undefined || part < 1 || part > parts) {
    throw new Error(`--part takes something like 1/3, not ${text}`);
  }
  return (index) => index % parts === part - 1;
}

/** `npm run seeded-bugs -- [NAME…] [--part K/N]`: all of them, these, or a part. */
async function main(): Promise<number> {
  process.once('SIGINT', endRunningSteps);
  const { values, positionals: wanted } = parseArgs({
    options: { part: { type: 'string', default: '1/1' } },
    allowPositionals: true,
  });
  const isInPart = readPart(values.part);
  const bugs = readdirSync(patchFolder)
    .filter((file) => file.endsWith('.patch'))
    .filter((file) => wanted.length === 0 || wanted.includes(basename(file, '.patch')))
    .filter((_, index) => isInPart(index))
    .map(readBug);
  const { server, stop } = await startTestServer();
  let caught: boolean[];
  try {
    caught = await tryAll(bugs, server);
  } finally {
    await stop();
  }
  const missed = bugs.length === 0 ? 1 : caught.filter((one) => !one).length;
  console.log(JSON.stringify({ campaign: 'seeded-bugs', bugs: bugs.length, missed }));
  return missed === 0 ? 0 : 1;
}

process.exitCode = await main();
