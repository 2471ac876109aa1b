import { expect, type Page } from '@playwright/test';

export const holdButton = (page: Page) => page.getByRole('button', { name: /^Hold to/ });
export const stopDialog = (page: Page) => page.getByRole('dialog');

/** Holds by pointer until it counts: pressed well longer than it takes. */
export async function holdByPointer(page: Page): Promise<void> {
  // The preview comes a moment later and moves the button from under the pointer.
  await expect(stopDialog(page).getByText(/could lift it/)).toBeVisible();
  await holdButton(page).hover();
  await page.mouse.down();
  await expect(
    stopDialog(page)
      .getByText(/^Requested/)
      .first(),
  ).toBeVisible();
  await page.mouse.up();
}
