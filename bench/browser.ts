import { type Browser, chromium as playwright, type Page } from '@playwright/test';
import chromium from '@sparticuz/chromium';
import type { BenchPerson } from './person.ts';
import type { Stack } from './stack.ts';

/** Flags of the packaged browser that belong to the place it was packaged for, or change what a page does. */
const unwanted =
  /^--(disable-web-security|allow-running-insecure-content|disable-site-isolation-trials|single-process|no-zygote|headless|disk-cache-size|disable-features=|no-pings)/;

/** A real Chromium with one page, signed in through the sign-in form. */
export interface BenchBrowser {
  readonly page: Page;
  readonly close: () => Promise<void>;
}

export async function openBrowser(stack: Stack, person: BenchPerson): Promise<BenchBrowser> {
  const browser: Browser = await playwright.launch({
    executablePath: await chromium.executablePath(),
    args: chromium.args.filter((flag) => !unwanted.test(flag)),
  });
  try {
    const page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    await page.goto(`${stack.url}/login`);
    await page.getByLabel('E-mail').fill(person.email);
    await page.getByLabel('Password').fill(person.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.waitForURL(/\/t\/[^/]+/);
    return { page, close: () => browser.close() };
  } catch (error) {
    await browser.close();
    throw error;
  }
}
