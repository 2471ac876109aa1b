import { askToRead } from './asking-agent.ts';
import { expect, test } from './fixtures.ts';
import { holdByPointer, stopDialog } from './hold-stop.ts';
import { pressUntil } from './press.ts';

test('a stop is opened from an alert, a row, the palette and a trace, each for what is shown there', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const agent = await tenant.agent('inbox-bot');
  await agent.isInjected();
  const page = await pageAs('responder');
  const which = stopDialog(page).getByRole('combobox', { name: 'Which agent' });
  const closes = async () => {
    await page.keyboard.press('Escape');
    await expect(stopDialog(page)).toHaveCount(0);
  };

  await page.goto(`/t/${tenant.slug}/agents`);
  await page.getByRole('button', { name: 'Stop agent inbox-bot…' }).first().click();
  await expect(which).toHaveValue('inbox-bot');
  await closes();

  await page.goto(`/t/${tenant.slug}/traces/${agent.traceId}`);
  await expect(page.getByRole('link', { name: 'inbox-bot' }).first()).toBeVisible();
  await page.getByRole('button', { name: /^Stop/ }).first().click();
  await expect(which).toHaveValue('inbox-bot');
  await closes();
  await pressUntil(page, 'Control+k', page.getByRole('combobox', { name: 'Command palette' }));
  await page.keyboard.type('halt');
  await page.keyboard.press('Enter');
  await expect(which).toHaveValue('inbox-bot');
  await closes();

  await page.goto(`/t/${tenant.slug}/alerts`);
  await page
    .getByRole('link', { name: /inbox-bot/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Stop agent inbox-bot…' }).click();
  await expect(which).toHaveValue('inbox-bot');
  await holdByPointer(page);
  await expect(stopDialog(page).getByText(/Confirmed at/)).toBeVisible();
  expect((await askToRead(agent)).status).toBe(423);
});
