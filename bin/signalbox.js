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
const entry = join(root, 'server', 'cli.ts');
const child = spawn(npmNode, ['--max-semi-space-size=4', entry, ...process.argv.slice(2)], {
  // The channel tells the command that we were killed; it carries no message.
  stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
  env: { ...process.env, SIGNALBOX_ROOT: root },
});
// A terminal sends Ctrl-C to the whole group; the child decides when it is done. A signal that
// reaches it twice counts once.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => child.kill(signal));
}
// Run by npx, we end with it: a killed npx cannot pass a signal on.
const parent = process.ppid;
if (process.env.npm_command === 'exec') {
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM');
  }, 500).unref();
}
child.on('exit', (code, signal) => process.exit(code ?? (signal ? 1 : 0)));
