import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';
import { stepToFirst } from './press.ts';

const rows = (page: Page) => page.getByRole('list', { name: /^Alerts/ }).getByRole('listitem');
/** The page at this address, once it follows what happens. */
async function openInbox(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
}
const toast = (page: Page, text: string | RegExp) =>
  page.getByRole('dialog').filter({ hasText: text });

test('an analyst triages by keyboard: several at once, taken back, set aside, given away, commented', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const agent = await tenant.agent('payments-bot');
  const responder = await tenant.person('responder');
  const page = await pageAs('analyst');
  await openInbox(page, `/t/${tenant.slug}/alerts`);
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  for (let run = 0; run < 3; run += 1) await agent.isInjected();
  await openInbox(page, `/t/${tenant.slug}/alerts`);
  await expect.poll(() => rows(page).count()).toBeGreaterThan(2);
  const all = await rows(page).count();

  // Two at once, and taken back.
  await stepToFirst(page, rows(page));
  await page.keyboard.press('x');
  await page.keyboard.press('j');
  await page.keyboard.press('x');
  const bar = page.getByRole('toolbar', { name: 'Selected alerts' });
  await expect(bar.getByText('2 selected')).toBeVisible();
  await expectAccessible(page);
  await photograph(page, 'alerts-selected');
  await page.keyboard.press('e');
  await expect(toast(page, '2 alerts acknowledged')).toBeVisible();
  await openInbox(page, `/t/${tenant.slug}/alerts?state=acknowledged`);
  await expect(rows(page)).toHaveCount(2);
  await stepToFirst(page, rows(page));
  await page.keyboard.press('x');
  await bar.getByRole('button', { name: 'Resolve…' }).click();
  await page.getByLabel('False positive').check();
  await page.getByRole('button', { name: 'Resolve', exact: true }).click();
  const told = toast(page, 'Alert resolved');
  await expect(told).toBeVisible();
  await expect(rows(page)).toHaveCount(1);
  await told.getByRole('button', { name: 'Undo' }).click();
  await expect(toast(page, 'Taken back for 1 alert')).toBeVisible();
  await expect(rows(page)).toHaveCount(2);

  // Set aside: out of the inbox, in a list of its own, and back.
  await openInbox(page, `/t/${tenant.slug}/alerts`);
  await stepToFirst(page, rows(page));
  await page.keyboard.press('Enter');
  await expect(page.getByRole('link', { name: 'Open the root event' })).toBeVisible();
  await page.keyboard.press('s');
  await expect(page.getByRole('heading', { name: 'Set aside' })).toBeVisible();
  await expectAccessible(page);
  await photograph(page, 'alerts-set-aside');
  await page.getByRole('button', { name: /^One hour/ }).click();
  await expect(toast(page, 'Alert snoozed')).toBeVisible();
  await expect(rows(page)).toHaveCount(all - 1);
  await page.getByRole('link', { name: /1 snoozed/ }).click();
  await expect(rows(page)).toHaveCount(1);
  await rows(page).getByRole('link').click();
  await expect(page.getByText(/^Snoozed until/).first()).toBeVisible();
  await photograph(page, 'alerts-snoozed');
  await page.getByRole('button', { name: 'Bring back' }).click();
  await expect(page.getByRole('button', { name: 'Bring back' })).toHaveCount(0);

  // Given to somebody, with a word.
  await page.keyboard.press('m');
  await page.getByRole('dialog').getByRole('button', { name: responder }).click();
  await expect(toast(page, 'Alert assigned')).toBeVisible();
  await page.keyboard.press('c');
  const comment = page.getByRole('textbox', { name: 'Comment' });
  await expect(comment).toBeFocused();
  await page.keyboard.type('Is this the new supplier?');
  await page.keyboard.press('Control+Enter');
  const history = page.getByRole('listitem').filter({ hasText: 'Commented' });
  await expect(history).toContainText('Is this the new supplier?');
  await expect(comment).toHaveValue('');
  await expect(page.getByRole('listitem').filter({ hasText: 'Assigned to' })).toContainText(
    responder,
  );
  await expectAccessible(page);
  await photograph(page, 'alerts-history');
});

test('whoever may not triage sees why, and cannot select', async ({ pageAs, tenant }) => {
  await (await tenant.agent('payments-bot')).isInjected();
  const page = await pageAs('viewer');
  await openInbox(page, `/t/${tenant.slug}/alerts`);
  await rows(page).first().getByRole('link').click();
  const button = page.getByRole('button', { name: /Set aside/ });
  await expect(button).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByRole('checkbox')).toHaveCount(0);
  for (const key of ['x', 's', 'm', 'e']) await page.keyboard.press(key);
  await expect(page.getByRole('dialog')).toHaveCount(0);
});

test('alerts are put together by rule and by what they are known as, each number leading to its list', async ({
  pageAs,
  tenant,
}) => {
  const agent = await tenant.agent('payments-bot');
  await agent.isInjected();
  await agent.isInjected();
  const page = await pageAs('viewer');
  await page.goto(`/t/${tenant.slug}/alerts`);
  await expect.poll(() => rows(page).count()).toBeGreaterThan(3);
  const layout = page.getByRole('navigation', { name: 'Layout of the alerts' });
  await layout.getByRole('button', { name: 'By rule' }).click();
  const groups = page.getByRole('list', { name: 'Alerts by rule' });
  const group = groups.getByRole('link').first();
  await expect(group).toContainText('2 alerts');
  await expectAccessible(page);
  await photograph(page, 'alerts-by-rule');
  await group.click();
  await expect(rows(page)).toHaveCount(2);

  await page.goto(`/t/${tenant.slug}/alerts?view=matrix`);
  const cell = page.getByRole('link', { name: /^ASI01/ });
  await expect(cell).toContainText(/[1-9]/);
  const counted = Number(/^ASI01\s*(\d+)/.exec((await cell.innerText()).trim())?.[1]);
  expect(counted).toBeGreaterThan(0);
  await expectAccessible(page);
  await photograph(page, 'alerts-matrix');
  await cell.click();
  await expect(rows(page)).toHaveCount(counted);
});
