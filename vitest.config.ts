import { defineConfig } from 'vitest/config';

/** What mocks modules needs a module graph of its own, which costs a second a file. */
const isolated = ['**/*.isolated.test.ts'];

export default defineConfig({
  test: {
    globalSetup: ['server/testing/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only starve one another's database tests.
    maxWorkers: 2,
    projects: [
      {
        extends: true,
        test: {
          name: 'shared',
          include: ['{app,components,server,db,verify,bench,campaign}/**/*.test.{ts,tsx}'],
          exclude: ['**/node_modules/**', '.next/**', ...isolated],
          isolate: false,
        },
      },
      { extends: true, test: { name: 'isolated', include: isolated } },
    ],
  },
});
