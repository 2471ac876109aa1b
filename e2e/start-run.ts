import { startServer } from './start-server.ts';

/** Names under which the run's server is handed to the test processes. */
export const runVariables = {
  url: 'SIGNALBOX_E2E_URL',
  dataDir: 'SIGNALBOX_E2E_DATA_DIR',
} as const;

/** Playwright's global set-up: one Signalbox for the whole run, with its demo tenant. */
export default async function startRun(): Promise<() => Promise<void>> {
  const server = await startServer();
  process.env[runVariables.url] = server.url;
  process.env[runVariables.dataDir] = server.dataDir;
  return async () => {
    const code = await server.stop();
    if (code !== 0) throw new Error(`up ended with ${code}:\n${server.log()}`);
  };
}
