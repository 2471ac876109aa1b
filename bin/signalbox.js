#!/usr/bin/env node
// The shim: whatever Node runs this file, the command itself runs on the Node that npm installed.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const npmNode = join(root, 'node_modules', 'node', 'bin', 'node');
if (!existsSync(npmNode)) {
  process.stderr.write('signalbox: run "npm install" in the checkout first.\n');
  process.exit(1);
}
const child = spawn(npmNode, [join(root, 'server', 'cli.ts'), ...process.argv.slice(2)], {
  stdio: 'inherit',
  env: { ...process.env, SIGNALBOX_ROOT: root },
});
// A terminal sends Ctrl-C to the whole group; the child decides when it is done.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
