import { expect } from '@playwright/test';
import { ownServerTest as test } from './own-server.ts';
import { signInAt } from './sign-in-at.ts';

test('a newcomer signs in, sees live events of the demo fleet, a first alert and a waiting approval within a minute', async ({
  page,
  start,
}) => {
  test.setTimeout(150_000);
  const { url } = await start();
  await signInAt(url, page, 'analyst@demo.example');
  await expect(page).toHaveURL(/\/t\/demo/);
  const openedMs = performance.now();
  await page.goto(`${url}/t/demo/alerts`);
  await expect(
    page
      .getByRole('row')
      .or(page.getByRole('listitem'))
      .filter({ hasText: /inbox-assistant|research-assistant|billing-assistant/ })
      .first(),
  ).toBeVisible({
    timeout: 60_000,
  });
  await page.goto(`${url}/t/demo/approvals`);
  const waiting = page.getByRole('region', { name: 'Requests' }).getByRole('link');
  await expect(waiting.filter({ hasText: /accounts-payable|supplier-inbox/ }).first()).toBeVisible({
    timeout: 60_000,
  });
  expect(performance.now() - openedMs).toBeLessThan(60_000);
});
