import { chromium as playwright } from '@playwright/test';
import type { Browser, LaunchOptions } from '@playwright/test';
import chromium from '@sparticuz/chromium';

/**
 * Flags of the packaged browser that would weaken what is tested (web security, isolation), that belong
 * to the place it was packaged for, or that draw every page by a simulated graphics card: that card
 * takes four fifths of the browser's processor time, which nobody's own browser takes from the server.
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

/** How the packaged Chromium is started, wherever it is. Unpacks it where that was not done yet. */
export async function browserOptions(): Promise<LaunchOptions> {
  return {
    executablePath: await chromium.executablePath(),
    args: [...chromium.args.filter((flag) => !unwanted.test(flag)), '--disable-gpu'],
  };
}

/** Starts the packaged Chromium. The caller closes it. */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch(await browserOptions());
}
