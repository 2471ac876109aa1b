import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');

/** Modules of `server/` from the ground up: each imports only from its own and earlier lines. */
const moduleOrder: readonly (readonly string[])[] = [
  ['kernel'],
  // The check itself and the shape of procedures and problems: every module's queries and routers
  // stand on them, those of audit and live too.
  ['auth/require-permission', 'http/problem', 'trpc/init'],
  ['audit', 'jobs', 'live'],
  ['auth', 'http'],
  ['agents'],
  ['gate'],
  ['telemetry'],
  ['ledger'],
  ['guard'],
  ['ingest', 'memory'],
  ['policy'],
  ['permits'],
  ['credentials'],
  ['approvals'],
  ['actions'],
  ['containment'],
  ['detection'],
  ['incidents'],
  ['notifications'],
  ['http/routes', 'http/main', 'trpc/root', 'worker', 'cli', 'demo'],
  // Imported by tests only.
  ['testing'],
];

const topLevelFolders = [
  '.ci',
  'app',
  'bench',
  'bin',
  'campaign',
  'components',
  'db',
  'e2e',
  'public',
  'server',
  'verify',
];
const bannedNames = /^(utils?|helpers?|misc|common|types|lib|hooks)$/;
const skippedFolders = new Set(['node_modules', '.next', '.git', '.signalbox', 'test-results']);

function listFiles(folder: string): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true }).flatMap((entry) => {
    if (skippedFolders.has(entry.name)) return [];
    const path = join(folder, entry.name);
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}

const files = listFiles('.');
const sources = files
  .filter((file) => /\.(ts|tsx)$/.test(file) && !/_pb\.d\.ts$|^next-env/.test(file))
  .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }));
const product = sources.filter(
  (file) => !/\.test\.tsx?$/.test(file.path) && !/^(e2e|bench|campaign|verify)\//.test(file.path),
);

interface Import {
  readonly target: string;
  readonly isTypeOnly: boolean;
}

/** Imports of our own files, as paths from the root. */
function importsOf(file: { path: string; text: string }): Import[] {
  const pattern =
    /(?:^|\n)\s*(?:import|export)\s+(type\s+)?[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;
  return [...file.text.matchAll(pattern)].flatMap((match) => {
    const specifier = match[2] ?? match[3] ?? '';
    const isTypeOnly = match[1] !== undefined;
    if (specifier.startsWith('#')) return [{ target: specifier.slice(1), isTypeOnly }];
    if (!specifier.startsWith('.')) return [];
    return [{ target: relative(root, resolve(root, dirname(file.path), specifier)), isTypeOnly }];
  });
}

/** Files that stand on another line than the rest of their folder. */
const ownRank = new Set([
  'auth/require-permission',
  'http/problem',
  'http/main',
  'trpc/init',
  'trpc/root',
]);

/** The module of a file under `server/`: `http/routes/otlp.ts` → `http/routes`. */
function moduleOf(path: string): string {
  const inner = path.replace(/^server\//, '').replace(/\.tsx?$/, '');
  if (inner.startsWith('http/routes/')) return 'http/routes';
  if (ownRank.has(inner)) return inner;
  return inner.split('/')[0] ?? inner;
}

const rank = (module: string): number => moduleOrder.findIndex((line) => line.includes(module));

describe('the tree', () => {
  it('has only the top-level folders of the architecture', () => {
    const found = new Set(
      files.filter((file) => file.includes('/')).map((file) => file.split('/')[0]),
    );
    expect([...found].filter((folder) => !topLevelFolders.includes(folder ?? ''))).toEqual([]);
  });

  it('names no file or folder utils, helpers, hooks, types, misc, common or lib', () => {
    const wrong = files.filter((file) =>
      file.split('/').some((part) => bannedNames.test(part.replace(/\.[^.]+$/, ''))),
    );
    expect(wrong).toEqual([]);
  });

  it('writes every source file in kebab-case', () => {
    const wrong = sources
      .map((file) => file.path)
      .filter((path) => !/^(app|\.)/.test(path))
      .filter((path) => !/^[a-z0-9-]+(\.[a-z0-9]+)*\.tsx?$/.test(path.split('/').at(-1) ?? ''));
    expect(wrong).toEqual([]);
  });

  it('keeps only known modules in server/', () => {
    const modules = new Set(
      sources.filter((file) => file.path.startsWith('server/')).map((file) => moduleOf(file.path)),
    );
    modules.delete('architecture.test');
    modules.delete('trpc');
    expect([...modules].filter((module) => rank(module) === -1)).toEqual([]);
  });
});

describe('imports', () => {
  it('go only down the module order inside server/', () => {
    const wrong = product
      .filter((file) => file.path.startsWith('server/'))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => target.target.startsWith('server/'))
          .filter((target) => rank(moduleOf(target.target)) > rank(moduleOf(file.path)))
          .map((target) => `${file.path} → ${target.target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('never reach into another module’s internal folder', () => {
    const wrong = sources.flatMap((file) =>
      importsOf(file)
        .filter((target) => target.target.includes('/internal/'))
        .filter((target) => !file.path.startsWith(target.target.split('/internal/')[0] ?? '?'))
        .map((target) => `${file.path} → ${target.target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('let components and client files see only contracts and links of the server', () => {
    const isOpen = (target: Import) =>
      /^server\/[a-z/]+\/contract\.ts$/.test(target.target) ||
      target.target === 'server/kernel/links.ts' ||
      (target.isTypeOnly && target.target === 'server/trpc/root.ts');
    const wrong = product
      .filter(
        (file) => file.path.startsWith('components/') || /^['"]use client['"]/.test(file.text),
      )
      .filter((file) => !file.path.startsWith('components/trpc/server'))
      .flatMap((file) =>
        importsOf(file)
          .filter((target) => /^(server|db)\//.test(target.target))
          .filter((target) => !isOpen(target))
          .map((target) => `${file.path} → ${target.target}`),
      );
    expect(wrong).toEqual([]);
  });

  it('keep app/ away from db/, and db/ away from everything of ours', () => {
    const wrong = product.flatMap((file) =>
      importsOf(file)
        .filter(
          (target) =>
            (file.path.startsWith('app/') && target.target.startsWith('db/')) ||
            (file.path.startsWith('db/') && /^(app|components|server)\//.test(target.target)),
        )
        .map((target) => `${file.path} → ${target.target}`),
    );
    expect(wrong).toEqual([]);
  });

  it('have no cycle between files', () => {
    const known = new Map(product.map((file) => [file.path, file]));
    const done = new Set<string>();
    const cycles: string[] = [];
    const visit = (path: string, trail: readonly string[]): void => {
      if (trail.includes(path)) {
        cycles.push([...trail.slice(trail.indexOf(path)), path].join(' → '));
        return;
      }
      const file = known.get(path);
      if (done.has(path) || !file) return;
      for (const target of importsOf(file)) {
        if (!target.isTypeOnly) visit(target.target, [...trail, path]);
      }
      done.add(path);
    };
    for (const path of known.keys()) visit(path, []);
    expect(cycles).toEqual([]);
  });
});

describe('house rules', () => {
  it('give every file that opens a write transaction its permission and its audit row', () => {
    const wrong = product
      .filter((file) => /\bwithTransaction\(/.test(file.text) && file.path.startsWith('server/'))
      .filter((file) => file.path !== 'server/kernel/context.ts')
      .filter((file) => !file.path.startsWith('server/testing/'))
      .filter(
        (file) =>
          !/\/\/ no-audit: \S+/.test(file.text) &&
          !(/\brequirePermission\(/.test(file.text) && /\bwriteAudit\(/.test(file.text)),
      );
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('read the environment only in kernel/env.ts and configuration', () => {
    const wrong = product
      .filter((file) => /\bprocess\.env\b/.test(file.text))
      .map((file) => file.path)
      .filter((path) => path !== 'server/kernel/env.ts' && !/^[^/]+\.config\.(ts|mjs)$/.test(path));
    // Next replaces NODE_ENV at build time in these two, where no module of the server may be loaded.
    expect(wrong.filter((path) => path !== 'proxy.ts')).toEqual([]);
  });

  it('give every tRPC procedure an output schema', () => {
    const wrong = product
      .filter((file) => file.path.endsWith('/router.ts'))
      .filter((file) => {
        const ends = file.text.match(/\.(query|mutation|subscription)\(/g)?.length ?? 0;
        const outputs = file.text.match(/\.output\(/g)?.length ?? 0;
        return ends > outputs;
      });
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('say what stands in the place of each part that is loaded later: without, the whole page goes', () => {
    const wrong = product.filter((file) => {
      const parts = file.text.match(/\bdynamic\(/g)?.length ?? 0;
      const places = file.text.match(/\bloading: \(/g)?.length ?? 0;
      return parts > places;
    });
    expect(wrong.map((file) => file.path)).toEqual([]);
  });

  it('keep tests that mock modules apart from those that share one graph of them', () => {
    const tests = sources.filter((file) => /\.test\.tsx?$/.test(file.path));
    const isMocking = /\bvi\.(mock|doMock|hoisted)\(/;
    const wrong = tests.filter(
      ({ path, text }) => path.endsWith('.isolated.test.ts') !== isMocking.test(text),
    );
    expect(wrong.map(({ path }) => path)).toEqual([]);
  });

  it('quote only paths that exist in the root documents', () => {
    const documents = files.filter((file) => /^[A-Z]+\.md$/.test(file));
    const wrong = documents.flatMap((document) => {
      const text = readFileSync(join(root, document), 'utf8');
      return [
        ...text.matchAll(
          /`((?:app|bench|bin|campaign|components|db|e2e|public|server|verify|\.ci)\/[\w./[\]()-]*)`/g,
        ),
      ]
        .map((match) => (match[1] ?? '').replace(/\/$/, ''))
        .filter((path) => !files.some((file) => file === path || file.startsWith(`${path}/`)))
        .map((path) => `${document}: ${path}`);
    });
    expect(wrong).toEqual([]);
  });
});
