import { expect, type Locator, type Page } from '@playwright/test';

/** One press takes so long at most before a person would press again. */
const answerMs = 2_000;
const patienceMs = 20_000;

/** Presses a key until something is there: pressed before the page listens, it goes nowhere. */
export async function pressUntil(page: Page, key: string, seen: Locator): Promise<void> {
  await expect(async () => {
    if ((await seen.count()) === 0) await page.keyboard.press(key);
    await expect(seen).toBeVisible({ timeout: answerMs });
  }).toPass({ timeout: patienceMs });
}

/** Goes by `j` to the first row of a list, once the list listens. */
export async function stepToFirst(page: Page, rows: Locator): Promise<void> {
  const first = rows.first().getByRole('link');
  await expect(first).toBeVisible();
  await expect(async () => {
    const isBeyond = await rows.evaluateAll((all) =>
      all.some((row) => row.contains(document.activeElement)),
    );
    await page.keyboard.press(isBeyond ? 'k' : 'j');
    await expect(first).toBeFocused({ timeout: answerMs });
  }).toPass({ timeout: patienceMs });
}
