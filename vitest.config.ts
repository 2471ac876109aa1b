import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,components,server,db,verify,bench,campaign}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '.next/**'],
    globalSetup: ['server/testing/global-setup.ts'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: more files at once only starve one another's database tests.
    maxWorkers: 2,
  },
});
