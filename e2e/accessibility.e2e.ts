import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { graveFindings } from './look.ts';
import { pressUntil } from './press.ts';

/** Every page of a tenant, with words that show that it has loaded. */
const pages: readonly { readonly path: string; readonly heading: string }[] = [
  { path: '', heading: 'Overview' },
  { path: '/alerts', heading: 'Alerts' },
  { path: '/alerts?view=rule', heading: 'Alerts' },
  { path: '/alerts?view=matrix', heading: 'Alerts' },
  { path: '/traces', heading: 'Traces' },
  { path: '/agents', heading: 'Agents' },
  { path: '/stops', heading: 'Stops' },
  { path: '/stops/drills', heading: 'Drills' },
  { path: '/credentials', heading: 'Credentials' },
  { path: '/rules', heading: 'Rules' },
  { path: '/rules/workbench', heading: 'New rule' },
  { path: '/audit', heading: 'Audit' },
  { path: '/connect', heading: 'Connect' },
  { path: '/settings/people', heading: 'People' },
  { path: '/settings/keys', heading: 'Keys' },
  { path: '/settings/tools', heading: 'Tools' },
  { path: '/settings/canaries', heading: 'Canaries' },
  { path: '/settings/channels', heading: 'Channels' },
  { path: '/settings/transmitters', heading: 'Transmitters' },
];

const looks = [
  { colorScheme: 'dark', width: 1440, height: 900 },
  { colorScheme: 'light', width: 1440, height: 900 },
  { colorScheme: 'dark', width: 390, height: 844 },
  { colorScheme: 'light', width: 390, height: 844 },
] as const;

/** The rules that colours decide; all others see the same in either theme. */
const colourRules = ['color-contrast', 'link-in-text-block'];

/** Looks at the page in these themes and widths; nothing may run out of it sideways. */
async function checkLooks(page: Page, wanted: readonly (typeof looks)[number][]): Promise<void> {
  const widthsSeen = new Set<number>();
  for (const { colorScheme, width, height } of wanted) {
    await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
    await page.setViewportSize({ width, height });
    // Panes say their share once the browser has measured them.
    const unmeasured = page.locator('[role="separator"]:not([aria-valuenow]):visible');
    await expect(unmeasured).toHaveCount(0);
    const at = `${new URL(page.url()).pathname} ${colorScheme} ${width}`;
    expect(await graveFindings(page, widthsSeen.has(width) ? colourRules : []), at).toEqual([]);
    widthsSeen.add(width);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow, `${at} does not scroll sideways`).toBeLessThanOrEqual(0);
  }
}

test('the sign-in page has no serious finding', async ({ page }) => {
  await page.goto('/login');
  await expect(page.getByRole('button', { name: 'Sign in' })).toBeVisible();
  await checkLooks(page, looks);
});

test('no page of an empty tenant has a serious finding', async ({ pageAs, tenant }) => {
  test.setTimeout(180_000);
  const page = await pageAs('admin');
  for (const { path, heading } of pages) {
    await page.goto(`/t/${tenant.slug}${path}`);
    await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
    await checkLooks(page, looks.slice(0, 1));
  }
});

test('no page of a busy tenant has a serious finding, in either theme and width', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(360_000);
  const agent = await tenant.agent('payments-bot');
  await agent.isInjected();
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}/alerts`);
  await expect(page.getByText('payments-bot').first()).toBeVisible({ timeout: 30_000 });
  for (const { path, heading } of pages) {
    await page.setViewportSize({ width: 1440, height: 900 });
    await page.goto(`/t/${tenant.slug}${path}`);
    await expect(page.getByRole('heading', { name: heading }).first()).toBeVisible();
    await checkLooks(page, looks);
  }
});

test('a trace and an open alert have no serious finding', async ({ pageAs, tenant }) => {
  test.setTimeout(180_000);
  const agent = await tenant.agent('payments-bot');
  await agent.isInjected();
  const page = await pageAs('analyst');
  await page.goto(`/t/${tenant.slug}/alerts`);
  await expect(page.getByText('payments-bot').first()).toBeVisible({ timeout: 30_000 });
  await page
    .getByRole('link', { name: /payments-bot/ })
    .first()
    .click();
  await expect(page.getByRole('link', { name: 'In the trace' }).first()).toBeVisible();
  await checkLooks(page, looks);
  await page.setViewportSize({ width: 1440, height: 900 });
  await page.goto(`/t/${tenant.slug}/traces/${agent.traceId}`);
  await expect(page.getByText('send_money').first()).toBeVisible();
  await checkLooks(page, looks);
});

test('a stop, its dialog and its banner have no serious finding', async ({ pageAs, tenant }) => {
  test.setTimeout(240_000);
  await (await tenant.agent('payments-bot')).isInjected();
  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/stops`);
  await pressUntil(page, 'Shift+!', page.getByRole('dialog'));
  const hold = page.getByRole('button', { name: 'Hold to stop' });
  await expect(hold).toBeFocused();
  await expect(page.getByText(/could lift it/)).toBeVisible();
  await checkLooks(page, looks);
  await hold.focus();
  await page.keyboard.down('Space');
  await expect(page.getByText(/^Confirmed at/)).toBeVisible();
  await page.keyboard.up('Space');
  await page.getByRole('link', { name: 'Open the stop' }).click();
  await expect(page.getByRole('heading', { name: /Stop of whole tenant/ })).toBeVisible();
  await checkLooks(page, looks);
});
