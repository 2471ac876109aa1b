import chromium from '@sparticuz/chromium';
import { defineConfig } from '@playwright/test';

/**
 * Flags of the packaged browser that would weaken what the tests check (web security, isolation), that
 * belong to the place it was packaged for, or that draw every page by a simulated graphics card.
 */
const unwanted = new RegExp(
  `^--(${[
    'disable-web-security',
    'allow-running-insecure-content',
    'disable-site-isolation-trials',
    'single-process',
    'no-zygote',
    'headless',
    'disk-cache-size',
    'disable-features=',
    'no-pings',
    'ignore-gpu-blocklist',
    'in-process-gpu',
    'use-gl=',
    'use-angle=',
    'enable-unsafe-swiftshader',
  ].join('|')})`,
);

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
    launchOptions: {
      executablePath: await chromium.executablePath(),
      // The simulated card took four fifths of the browser's own processor time.
      args: [...chromium.args.filter((flag) => !unwanted.test(flag)), '--disable-gpu'],
    },
  },
});
