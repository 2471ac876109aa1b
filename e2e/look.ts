import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { AxeBuilder } from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

/**
 * Serious and critical findings of axe on the page as it stands, as one line each; of these rules
 * alone where some are named.
 */
export async function graveFindings(page: Page, rules: readonly string[]): Promise<string[]> {
  // Axe runs whole in the page itself; for pages with frames it would open a second page each time.
  expect(page.frames(), 'a page without frames').toHaveLength(1);
  // What is in order, which is most of every page, is not described.
  const axe = new AxeBuilder({ page }).setLegacyMode().options({ resultTypes: ['violations'] });
  if (rules.length > 0) axe.withRules([...rules]);
  const { violations } = await axe.analyze();
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
