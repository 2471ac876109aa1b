import type { Page } from '@playwright/test';
import { testPassword } from './start-server.ts';

/** Fills in the sign-in page of a Signalbox and waits for the first page of a tenant. */
export async function signInAt(url: string, page: Page, email: string): Promise<void> {
  await page.goto(`${url}/login`);
  await page.getByLabel('E-mail').fill(email);
  await page.getByLabel('Password').fill(testPassword);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/t\/[^/]+/);
}
