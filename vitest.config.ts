import { defineConfig } from 'vitest/config';

/** What mocks modules needs a module graph of its own, which costs a second a file. */
const isolated = ['**/*.isolated.test.ts'];
const folders = '{app,components,server,db,verify,bench,campaign}';
const patience = { testTimeout: 30_000, hookTimeout: 60_000 };
/** A test server that runs already, as JSON: several runs may share one. */
const given = process.env['SIGNALBOX_TEST_SERVER'];

export default defineConfig({
  test: {
    // Once for both projects.
    globalSetup: given === undefined ? ['server/testing/global-setup.ts'] : [],
    provide: given === undefined ? {} : { testServer: JSON.parse(given) },
    // Two cores: more files at once only starve one another's database tests.
    maxWorkers: 2,
    projects: [
      {
        test: {
          ...patience,
          name: 'shared',
          include: [`${folders}/**/*.test.{ts,tsx}`],
          exclude: ['**/node_modules/**', '.next/**', ...isolated],
          isolate: false,
        },
      },
      {
        test: {
          ...patience,
          name: 'isolated',
          include: isolated.map((one) => `${folders}/${one}`),
        },
      },
    ],
  },
});
