import { defineConfig } from '@playwright/test';
import { browserOptions } from './server/testing/launch-browser.ts';

export default defineConfig({
  testDir: './e2e',
  testMatch: '**/*.e2e.ts',
  globalSetup: './e2e/start-run.ts',
  outputDir: './test-results',
  // Two cores. Every test has a tenant of its own, so any two may run beside each other.
  workers: 2,
  fullyParallel: true,
  forbidOnly: process.env['CI'] !== undefined,
  retries: 0,
  timeout: 60_000,
  expect: { timeout: 10_000 },
  use: {
    viewport: { width: 1440, height: 900 },
    locale: 'en-GB',
    timezoneId: 'UTC',
    reducedMotion: 'reduce',
    // Without the film of every page: it took a picture of each frame, also of tests that pass.
    trace: { mode: 'retain-on-failure', screenshots: false },
    screenshot: 'only-on-failure',
    launchOptions: await browserOptions(),
  },
});
