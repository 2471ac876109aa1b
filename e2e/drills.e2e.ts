import { expect, test } from './fixtures.ts';
import { followControl } from './follow-control.ts';
import { expectAccessible, photograph } from './look.ts';
import { addCredential, addProvider, playProvider } from './play-provider.ts';

test('a drill stops its agent in earnest, is measured, and ends with a person’s lift', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(90_000);
  const agent = await tenant.agent('practice-bot');
  const pod = await followControl(agent, 'pod-1');
  const page = await pageAs('admin');
  const provider = await playProvider('drills');
  await page.goto(`/t/${tenant.slug}/credentials`);
  await addProvider(page, provider.url);
  await addCredential(page, {
    name: 'practice key',
    tool: 'send_money',
    owner: await tenant.person('admin'),
    provider: 'key service, webhook',
    holder: 'practice-bot',
  });
  await page.goto(`/t/${tenant.slug}/stops`);
  await page.getByRole('button', { name: 'Drills', exact: true }).click();
  await expect(page.getByText('No drill has taken place')).toBeVisible();
  await photograph(page, 'drills-empty');
  await page.getByRole('button', { name: 'Mark an agent' }).press('Enter');
  const field = page.getByRole('combobox', { name: 'Agent to mark for drills' });
  await expect(field).toBeFocused();
  await field.fill('practice-bot');
  await page.getByRole('option', { name: 'practice-bot' }).click();
  await page.getByRole('button', { name: 'Mark for drills' }).click();
  await expect(page.getByRole('button', { name: 'Take practice-bot out of drills' })).toBeVisible();

  // The script of a dialog may take a while to come: the page stays meanwhile.
  const { promise: held, resolve: release } = Promise.withResolvers<void>();
  await page.route(/\.js(\?|$)/, async (route) => {
    await held;
    await route.continue();
  });
  const asked = page.waitForRequest(/\.js(\?|$)/);
  await page.getByRole('button', { name: 'Plan drills…' }).click();
  await asked;
  await page.evaluate(() => new Promise((drawn) => requestAnimationFrame(() => setTimeout(drawn))));
  await expect(page.getByRole('heading', { name: 'Drills' }).first()).toBeVisible({ timeout: 1 });
  release();
  await page.unrouteAll({ behavior: 'wait' });
  await page.getByRole('textbox', { name: 'Days between two drills' }).fill('14');
  await page.getByRole('button', { name: 'Save the plan' }).click();
  await expect(page.getByText('Every 14 days on')).toBeVisible();

  await page.getByRole('button', { name: 'Start a drill…' }).click();
  await page
    .getByRole('combobox', { name: 'Credential to revoke at its provider' })
    .selectOption({ label: 'practice key (key service)' });
  await expectAccessible(page);
  await photograph(page, 'drill-start');
  await page.getByRole('button', { name: 'Start the drill' }).click();
  const report = page.getByRole('article', { name: 'Drill' });
  await expect(report.getByText('Drill on practice-bot')).toBeVisible();
  const stopId = await pod.nextStop();
  const row = (name: string) => report.getByRole('row').filter({ hasText: name });
  await expect(row('Detect')).toContainText('from the start to the alert');
  await expect(row('Confirm')).toContainText('So far not every instance');
  expect(await pod.answers(stopId, 'stopped', 0)).toBe(200);
  await expect(row('Confirm')).toContainText('every instance was quiet or cut off');
  await expect(row('Revoke')).toContainText('So far the agent held no lease');
  await expect(row('Provider')).toContainText(
    'until the credential’s provider was seen to refuse it',
  );
  expect([...provider.dead]).toEqual(['practice key']);
  await photograph(page, 'drill-running');

  await report.getByRole('link', { name: 'lift it on its page' }).click();
  await page.getByRole('button', { name: /Lift the stop…/ }).click();
  await page.getByRole('textbox', { name: 'Why it is safe again' }).fill('The drill is over.');
  await page.getByRole('button', { name: 'Lift the stop', exact: true }).click();
  await expect(page.getByText('Permits from before the stop stay dead')).toBeVisible();
  await page.getByRole('button', { name: 'Drills', exact: true }).click();
  const drills = page.getByRole('region', { name: 'Drills, newest first, scrollable' });
  await expect(drills.getByText('done')).toBeVisible();
  await drills.getByRole('link').first().click();
  await expect(row('Recover')).toContainText('its lift by a person');
  await photograph(page, 'drill-done');
  pod.close();
  await provider.close();
});
