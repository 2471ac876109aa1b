import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{app,components,server,db,verify,bench,campaign}/**/*.test.{ts,tsx}'],
    exclude: ['**/node_modules/**', '.next/**'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
    // Two cores: two files at a time keeps a database test from starving its neighbour.
    maxWorkers: 2,
  },
});
