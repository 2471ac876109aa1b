import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import axe, { type AxeResults, type RunOptions } from 'axe-core';

/** Axe on the page as it stands; its script is put in once for each page that is loaded. */
async function runAxe(page: Page, options: RunOptions): Promise<AxeResults> {
  const isThere = await page.evaluate(() => 'axe' in window);
  if (!isThere) await page.evaluate(axe.source);
  return page.evaluate((given) => {
    const inPage = window as unknown as { readonly axe: typeof axe };
    return inPage.axe.run(given);
  }, options);
}

/**
 * Serious and critical findings of axe on the page as it stands, as one line each; of these rules
 * alone where some are named.
 */
export async function graveFindings(page: Page, rules: readonly string[]): Promise<string[]> {
  expect(page.frames(), 'a page without frames: axe is asked in the page alone').toHaveLength(1);
  // What is in order, which is most of every page, is not described.
  const options: RunOptions = { resultTypes: ['violations'] };
  if (rules.length > 0) Object.assign(options, { runOnly: [...rules], preload: false });
  const { violations, passes } = await runAxe(page, options);
  expect(passes.length, 'axe has looked').toBeGreaterThan(0);
  return violations
    .filter((one) => one.impact === 'serious' || one.impact === 'critical')
    .flatMap((one) => one.nodes.map((node) => `${one.id}: ${node.target.join(' ')} ${node.html}`));
}

/**
 * No serious or critical finding of axe on the page as it stands. In the dark only the contrast can
 * differ, so only that is looked at again.
 */
export async function expectAccessible(page: Page): Promise<void> {
  for (const colorScheme of ['light', 'dark'] as const) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    const grave = await graveFindings(page, colorScheme === 'dark' ? ['color-contrast'] : []);
    expect(grave, `axe, ${colorScheme}`).toEqual([]);
  }
}

const sizes = { wide: { width: 1440, height: 900 }, narrow: { width: 390, height: 844 } } as const;

/**
 * Photographs the page light and dark, wide and narrow, when a folder is named by
 * `SIGNALBOX_PHOTOS`; on a usual run it does nothing.
 */
export async function photograph(page: Page, name: string): Promise<void> {
  const folder = process.env['SIGNALBOX_PHOTOS'];
  if (folder === undefined || folder === '') return;
  mkdirSync(folder, { recursive: true });
  for (const [size, viewport] of Object.entries(sizes)) {
    await page.setViewportSize(viewport);
    for (const colorScheme of ['light', 'dark'] as const) {
      await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
      await page.screenshot({ path: join(folder, `${name}-${size}-${colorScheme}.png`) });
    }
  }
  await page.setViewportSize(sizes.wide);
}
