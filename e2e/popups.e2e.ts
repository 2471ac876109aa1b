import { expect, test } from './fixtures.ts';

test('a pane opened on a phone says its share when the screen widens, and moves by keys', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('analyst');
  await page.setViewportSize({ width: 390, height: 844 });
  await page.goto(`/t/${tenant.slug}/alerts`);
  await expect(page.getByRole('heading', { name: 'Alerts' })).toBeVisible();
  const line = page.getByRole('separator', { name: 'Resize the list' });
  await expect(line).toBeHidden();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(line).toHaveAttribute('aria-valuenow', /^\d+$/);
  const share = Number(await line.getAttribute('aria-valuenow'));
  const list = page.locator(`#${await line.getAttribute('aria-controls')}`);
  const widthBefore = (await list.boundingBox())?.width ?? 0;
  await line.press('ArrowRight');
  await expect(line).toHaveAttribute('aria-valuenow', String(share + 2));
  expect((await list.boundingBox())?.width).toBeGreaterThan(widthBefore);
  await page.reload();
  await expect(line).toHaveAttribute('aria-valuenow', String(share + 2));
});

test('a menu opens by keyboard alone, takes the focus and gives it back', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('viewer');
  await page.goto(`/t/${tenant.slug}`);
  const button = page.getByRole('button', { name: 'Display' });
  await expect(button).toHaveAttribute('aria-expanded', 'false');
  for (let opened = 0; opened < 2; opened++) {
    await button.press('Enter');
    const menu = page.getByRole('menu');
    await expect(menu).toBeVisible();
    await expect(menu.locator(':focus').or(menu.and(page.locator(':focus')))).toHaveCount(1);
    await page.keyboard.press('Escape');
    await expect(menu).toBeHidden();
    await expect(button).toBeFocused();
  }
});

test('a tooltip says what a button does, on hover and on focus', async ({ pageAs, tenant }) => {
  const page = await pageAs('viewer');
  await page.goto(`/t/${tenant.slug}`);
  const button = page.getByRole('button', { name: 'Display' });
  await button.hover();
  const words = page.getByText('Display', { exact: true });
  await expect(words.last()).toBeVisible();
  await page.mouse.move(700, 600);
  await expect(words).toHaveCount(0);
  await page.keyboard.press('Tab');
  await button.focus();
  await expect(words.last()).toBeVisible();
});
