import type { Page } from '@playwright/test';
import { launchBrowser } from '#server/testing/launch-browser.ts';
import type { BenchPerson } from './person.ts';
import type { Stack } from './stack.ts';

/** A real Chromium with one page, signed in through the sign-in form. */
export interface BenchBrowser {
  readonly page: Page;
  readonly close: () => Promise<void>;
}

export async function openBrowser(stack: Stack, person: BenchPerson): Promise<BenchBrowser> {
  const browser = await launchBrowser();
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
