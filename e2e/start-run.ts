import { type AddressInfo, createServer } from 'node:net';
import { startServer } from './start-server.ts';

/** Names under which the run's server is handed to the test processes. */
export const runVariables = {
  url: 'SIGNALBOX_E2E_URL',
  dataDir: 'SIGNALBOX_E2E_DATA_DIR',
  providerPort: 'SIGNALBOX_E2E_PROVIDER_PORT',
} as const;

/** Playwright's global set-up: one Signalbox for the whole run, with its demo tenant. */
export default async function startRun(): Promise<() => Promise<void>> {
  const providerPort = await findFreePort();
  const server = await startServer({
    env: { SIGNALBOX_PROVIDER_HOSTS: `127.0.0.1:${providerPort}` },
  });
  process.env[runVariables.providerPort] = String(providerPort);
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
