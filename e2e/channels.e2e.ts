import {
  makeTestTransmitter,
  sessionRevoked,
  testIssuer,
} from '#server/testing/test-transmitter.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';

test('a channel is added by keyboard, what it does not get is shown as given up, and a viewer only looks', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}/settings/channels`);
  await expect(page.getByText('Alerts are sent nowhere')).toBeVisible();
  await photograph(page, 'channels-empty');
  await page.getByRole('button', { name: 'Add a channel' }).first().focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Add a channel' });
  await form.getByLabel('Name').fill('On call');
  await form.getByLabel('Address').fill('ftp://example.com');
  await page.keyboard.press('Enter');
  await expect(form.getByText('Must be an address such as')).toBeVisible();
  // A place that nothing may be sent to: Signalbox's own machine.
  await form.getByLabel('Address').fill('https://127.0.0.1:9/hook?token=hidden');
  await expectAccessible(page);
  await photograph(page, 'channels-add');
  await form.getByLabel('Address').focus();
  await page.keyboard.press('Enter');
  const shown = page.getByRole('dialog', { name: 'Its signing secret' });
  await expect(shown.getByRole('figure', { name: 'Secret' })).toContainText(/whsec_[\w+/]{43}=/);
  await shown.getByRole('button', { name: 'I have kept it' }).click();
  const channels = page.getByRole('table', { name: 'Channels by name' });
  await expect(channels).toContainText('https://127.0.0.1:9');
  expect(await page.content()).not.toContain('token=hidden');

  // A receiver of security events gets no alerts, so it is asked for no severity.
  await page.getByRole('button', { name: 'Add a channel' }).first().click();
  await expect(form.getByLabel('From severity')).toBeVisible();
  await form.getByLabel('Kind').selectOption({ label: 'Security events (CAEP)' });
  await expect(form.getByLabel('From severity')).toHaveCount(0);
  await form.getByLabel('Name').fill('SIEM');
  await form.getByLabel('Address').fill('https://127.0.0.1:9/events?token=hidden');
  await expectAccessible(page);
  await photograph(page, 'channels-add-events');
  await page.getByRole('button', { name: 'Add the channel' }).click();
  const receiver = channels.getByRole('row').filter({ hasText: 'SIEM' });
  await expect(receiver).toContainText('stops, revocations');
  await receiver.getByRole('button', { name: 'Remove SIEM' }).click();
  await page.getByRole('button', { name: 'Remove the channel' }).click();
  await expect(receiver).toHaveCount(0);

  // An alert opens: its delivery cannot be made, and says so, here and on the alert.
  await (await tenant.agent('payments-bot')).isInjected();
  const deliveries = page.getByRole('table', { name: 'Deliveries, latest first' });
  const line = deliveries.getByRole('row').filter({ hasText: 'given up' }).first();
  await expect(line).toContainText('private network', { timeout: 30_000 });
  await expectAccessible(page);
  await photograph(page, 'channels');
  await line.getByRole('button', { name: /^Send again/ }).click();
  await expect(page.getByText('It is sent again')).toBeVisible();
  await channels.getByRole('button', { name: /given up/ }).click();
  await expect(page).toHaveURL(/state=dead/);
  await line.getByRole('link').click();
  await expect(page.getByRole('table', { name: 'Deliveries of this alert' })).toContainText(
    'given up',
  );
  await photograph(page, 'channels-alert');

  const viewer = await pageAs('viewer');
  await viewer.goto(`/t/${tenant.slug}/settings/channels`);
  await expect(viewer.getByRole('button', { name: 'Test On call' })).toBeDisabled();
  await page.goto(`/t/${tenant.slug}/settings/channels`);
  await page.getByRole('button', { name: 'Remove On call' }).click();
  await page.getByRole('button', { name: 'Remove the channel' }).click();
  await expect(page.getByText('Alerts are sent nowhere')).toBeVisible();
});

test('an identity provider is believed by its keys: whom it signs out is out, the page says so, and removed it is refused', async ({
  pageAs,
  server,
  tenant,
}) => {
  const provider = await makeTestTransmitter('RS256');
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}/settings/transmitters`);
  await expect(page.getByText('Nobody else is believed')).toBeVisible();
  await page.getByRole('button', { name: 'Add a transmitter' }).first().focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Add a transmitter' });
  await form.getByLabel('Name').fill('Company login');
  await form.getByLabel('Issuer').fill(testIssuer);
  await form.getByLabel('Its public keys').selectOption({ label: 'Pasted here' });
  await form.getByLabel('Key set').fill('{"keys":[]}');
  await form.getByRole('button', { name: 'Add the transmitter' }).click();
  await expect(form.getByText('None of its keys can verify')).toBeVisible();
  await expectAccessible(page);
  await photograph(page, 'transmitters-add');
  await form.getByLabel('Key set').fill(JSON.stringify({ keys: [provider.publicKey] }));
  await form.getByRole('button', { name: 'Add the transmitter' }).click();
  const line = page
    .getByRole('table', { name: 'Transmitters by name' })
    .getByRole('row')
    .filter({ hasText: 'Company login' });
  await expect(line).toContainText('none yet');
  const address =
    (await line.getByTitle('/api/v1/security-events/').first().getAttribute('title')) ?? '';

  const push = async (subject: object) => {
    const body = await provider.sign(sessionRevoked, subject, { claims: { aud: server.url } });
    const headers = { 'content-type': 'application/secevent+jwt' };
    return (await fetch(address, { method: 'POST', headers, body })).status;
  };
  const viewer = await pageAs('viewer');
  await viewer.goto(`/t/${tenant.slug}/settings/account`);
  await expect(viewer).toHaveURL(/account/);
  await viewer.goto('about:blank');
  expect(await push({ format: 'email', email: await tenant.person('viewer') })).toBe(202);
  expect(await push({ format: 'email', email: 'stranger@example.com' })).toBe(202);
  await viewer.goto(`/t/${tenant.slug}/settings/account`);
  await expect(viewer).toHaveURL(/\/login/);

  await page.reload();
  const events = page.getByRole('table', { name: 'Received events, latest first' });
  await expect(events.getByRole('row').filter({ hasText: 'Ended 1 sign-in.' })).toContainText(
    'confirmed',
  );
  await expect(events.getByRole('row').filter({ hasText: 'stranger@' })).toContainText(
    'nothing done',
  );
  await expectAccessible(page);
  await photograph(page, 'transmitters');
  await line.getByRole('button', { name: 'Remove Company login' }).click();
  await page.getByRole('button', { name: 'Remove the transmitter' }).click();
  await expect(page.getByText('Nobody else is believed')).toBeVisible();
  expect(await push({ format: 'email', email: await tenant.person('viewer') })).toBe(400);
});
