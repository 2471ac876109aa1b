import { type AddressInfo, createServer } from 'node:net';
import { startServer } from './start-server.ts';

/** Names under which the run's server is handed to the test processes. */
export const runVariables = {
  url: 'SIGNALBOX_E2E_URL',
  dataDir: 'SIGNALBOX_E2E_DATA_DIR',
} as const;

/** The ports at which tests may play a provider, by the file that does: files run beside each other. */
export const providerPortVariables = {
  credentials: 'SIGNALBOX_E2E_CREDENTIALS_PROVIDER_PORT',
  drills: 'SIGNALBOX_E2E_DRILLS_PROVIDER_PORT',
} as const;

/** Playwright's global set-up: one Signalbox for the whole run, with its demo tenant. */
export default async function startRun(): Promise<() => Promise<void>> {
  const hosts: string[] = [];
  for (const name of Object.values(providerPortVariables)) {
    const port = await findFreePort();
    process.env[name] = String(port);
    hosts.push(`127.0.0.1:${port}`);
  }
  const server = await startServer({ env: { SIGNALBOX_PROVIDER_HOSTS: hosts.join(',') } });
  process.env[runVariables.url] = server.url;
  process.env[runVariables.dataDir] = server.dataDir;
  return async () => {
    const code = await server.stop();
    if (code !== 0) throw new Error(`up ended with ${code}:\n${server.log()}`);
  };
}

/** A port where a test may play a provider of credentials: the server is told of it when it starts. */
function findFreePort(): Promise<number> {
  return new Promise((resolve) => {
    const probe = createServer().listen(0, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}
