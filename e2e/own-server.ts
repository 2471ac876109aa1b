import { rmSync } from 'node:fs';
import { mergeTests, test as base } from '@playwright/test';
import { test as story } from './fixtures.ts';
import { makeDataDir, type StartedServer, type StartOptions, startServer } from './start-server.ts';

interface OwnServer {
  /** A folder of this test alone; it goes with the test. */
  readonly dataDir: string;
  /** A Signalbox of this test alone, on that folder; it is stopped with the test. */
  readonly start: (options?: Omit<StartOptions, 'dataDir'>) => Promise<StartedServer>;
}

/**
 * Without the run's server, and so in a worker of its own, which Playwright starts when the stories
 * are told: the machine is as quiet as it gets.
 */
export const loneTest = base.extend<OwnServer>({
  dataDir: async ({ browserName }, provide) => {
    const folder = makeDataDir(browserName);
    await provide(folder);
    rmSync(folder, { recursive: true, force: true });
  },
  start: async ({ dataDir }, provide) => {
    const started: StartedServer[] = [];
    await provide(async (options) => {
      const server = await startServer({ ...options, dataDir });
      started.push(server);
      return server;
    });
    // A test that failed half-way must not leave its server behind.
    for (const server of started) await server.stop();
  },
});

/** A server of its own beside that of the run, among the other stories. */
export const ownServerTest = mergeTests(story, loneTest);
