import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';
import { addCredential, addProvider, playProvider } from './play-provider.ts';

// All play the provider of this file.
test.describe.configure({ mode: 'default' });

test('a credential is brokered, leased, revoked, and called revoked only on proof', async ({
  pageAs,
  server,
  tenant,
}) => {
  test.slow();
  const provider = await playProvider('credentials');
  const agent = await tenant.agent('payer');
  const admin = await pageAs('admin');
  const owner = await tenant.person('admin');
  await admin.goto(`/t/${tenant.slug}`);
  await admin.getByRole('link', { name: 'Credentials' }).first().click();
  await expect(admin.getByText('No credential yet')).toBeVisible();
  await photograph(admin, 'credentials-empty');

  await addProvider(admin, provider.url);
  await addCredential(admin, {
    name: 'payments key',
    tool: 'send_money',
    owner,
    provider: 'key service, webhook',
  });
  await addCredential(admin, { name: 'mail password', tool: 'send_email', owner });

  const headers = { authorization: `Bearer ${agent.door.key}` };
  const take = (tool: string, tokenFormat: 'opaque' | 'jwt' = 'opaque') =>
    fetch(`${server.url}/api/v1/leases`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ tool, scopes: ['read'], tokenFormat }),
    });
  const isActive = async (token: string) => {
    const body = new URLSearchParams({ token });
    const answer = await fetch(`${server.url}/oauth/introspect`, { method: 'POST', headers, body });
    return ((await answer.json()) as { active: boolean }).active;
  };
  const taken = await Promise.all(
    (['opaque', 'jwt'] as const).map(async (format) => {
      const answer = await take(format === 'jwt' ? 'send_email' : 'send_money', format);
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { token: string }).token;
    }),
  );
  for (const token of taken) expect(await isActive(token)).toBe(true);
  const input = { url: 'https://mail.example', headers: 'pass: secret of mail password' };
  await agent.does({ kind: 'tool_call', name: 'http_post', input });

  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/credentials`);
  await page.getByRole('link', { name: /payments key/ }).click();
  const pane = page.getByRole('article', { name: 'Credential' });
  await expect(pane.getByText('sealed, shown to nobody')).toBeVisible();
  await expectAccessible(page);
  await photograph(page, 'credentials-open');
  expect(await page.content()).not.toContain('secret of payments key');

  await revoke(page, 'payments key');
  await expect(pane.getByText('revoked, proven')).toBeVisible({ timeout: 30_000 });
  const there = pane.getByRole('region', { name: /^Itself, at key service/ });
  await expect(
    there.getByRole('row', { name: /Probe before.*live|Probe before.*active/ }),
  ).toBeVisible();
  await expect(there.getByRole('row', { name: /Probe after.*proven/ })).toContainText('HTTP 200');
  await expect(pane.getByRole('region', { name: 'Its leases here', exact: true })).toContainText(
    '1 introspected, 0 live',
  );
  expect([...provider.dead]).toEqual(['payments key']);
  // The list follows by itself.
  const line = page.getByRole('link', { name: /payments key/ });
  await expect(line).toContainText('revoked, proven');
  await expectAccessible(page);
  await photograph(page, 'credentials-proven');

  const leaked = page.getByRole('link', { name: /mail password/ });
  await expect(leaked).toContainText('outside the broker');
  await leaked.click();
  const seen = pane.getByRole('list', { name: 'What was seen' });
  await expect(seen).toContainText('Its secret stood in the arguments of a call.');
  await expectAccessible(page);
  await photograph(page, 'credentials-outside');
  await expect(seen.getByRole('link', { name: 'the last event' })).toHaveAttribute(
    'href',
    new RegExp(agent.traceId),
  );
  await revoke(page, 'mail password');
  await expect(pane.getByText('revoked here, unproven there')).toBeVisible({ timeout: 30_000 });
  await expect(
    pane.getByRole('region', { name: 'Itself, where it was made', exact: true }),
  ).toContainText('to be done elsewhere');
  // Its lease was a JWT: dead where somebody asks, and nobody claims more before its last second.
  const here = pane.getByRole('region', { name: 'Its leases here', exact: true });
  await expect(here).toContainText('1 introspected, 0 live');
  await expect(here).toContainText('where somebody asks; else unverifiable until');
  await expect(pane).toContainText('Unverifiable until');
  await expect(pane).not.toContainText('revoked, proven');
  await photograph(page, 'credentials-unproven');

  for (const token of taken) expect(await isActive(token)).toBe(false);
  expect((await take('send_money')).status).toBe(404);
  await provider.close();
});

async function revoke(page: Page, name: string): Promise<void> {
  const pane = page.getByRole('article', { name: 'Credential' });
  await expect(pane.getByRole('heading', { name })).toBeVisible();
  await pane.getByRole('button', { name: 'Revoke' }).click();
  const form = page.getByRole('dialog', { name: 'Revoke the credential' });
  await expect(form.getByRole('list', { name: 'What it reaches' })).toContainText('1 open lease');
  await photograph(page, `credentials-revoke-${name.replace(' ', '-')}`);
  await form.getByRole('button', { name: 'Revoke' }).click();
  await expect(form.getByText('Say why, in a few words.')).toBeVisible();
  await form.getByLabel('Reason').fill('found in a public repository');
  await form.getByRole('button', { name: 'Revoke' }).click();
  await expect(form).toBeHidden();
}

test('an agent is contained by one button, and each provider’s outcome is shown as it is', async ({
  pageAs,
  server,
  tenant,
}) => {
  test.slow();
  const provider = await playProvider('credentials');
  const agent = await tenant.agent('payer');
  await tenant.agent('helper');
  await agent.does({ kind: 'user_message', input: 'Hello.' });
  const admin = await pageAs('admin');
  const owner = await tenant.person('admin');
  await admin.goto(`/t/${tenant.slug}/credentials`);
  await addProvider(admin, provider.url);
  const at = { owner, provider: 'key service, webhook' };
  await addCredential(admin, { ...at, name: 'payments key', tool: 'send_money' });
  await addCredential(admin, { ...at, name: 'broken key', tool: 'read_mail' });
  await addCredential(admin, { name: 'mail password', tool: 'send_email', owner });
  const headers = { authorization: `Bearer ${agent.door.key}` };
  const take = () =>
    fetch(`${server.url}/api/v1/leases`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ tool: 'send_money', scopes: ['read'] }),
    });
  expect((await take()).status).toBe(201);

  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/agents?agent=payer`);
  await page.getByRole('button', { name: 'Contain…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Contain payer' });
  const reach = dialog.getByRole('region', { name: 'What it cuts' });
  await expect(reach.getByRole('list', { name: 'Credentials' })).toContainText('payments key');
  await expect(reach).toContainText('no provider is known');
  await expectAccessible(page);
  await photograph(page, 'contain-dialog');
  const hold = dialog.getByRole('button', { name: 'Hold to contain' });
  await hold.hover();
  await page.mouse.down();
  const items = dialog.getByRole('list', { name: 'What is proven of it' });
  await expect(items).toBeVisible();
  await page.mouse.up();

  // Each item by its own proof; nothing is called contained that is not.
  const item = (name: string) => items.getByRole('listitem').filter({ hasText: name });
  await expect(item('payments key')).toContainText('proven', { timeout: 30_000 });
  await expect(item('payments key')).toContainText('refused by key service');
  await expect(item('mail password')).toContainText('unproven');
  await expect(item('broken key')).toContainText(/tried again/);
  await expect(item('Lock')).toContainText('proven');
  await expect(item('Evidence')).toContainText('SHA-256');
  await expect(dialog.getByText('contained, proven')).toHaveCount(0);
  await photograph(page, 'contain-outcomes');
  expect((await take()).status).toBe(401);

  await dialog.getByRole('link', { name: 'Open the agent' }).click();
  const panel = page.getByRole('region', { name: 'Containment', exact: true });
  await expect(panel).toContainText('Emergency; the reason follows');
  await expectAccessible(page);
  await photograph(page, 'contain-agent');
  const [download] = await Promise.all([
    page.waitForEvent('download'),
    panel.getByRole('button', { name: 'Download the evidence' }).click(),
  ]);
  expect(download.suggestedFilename()).toMatch(/^signalbox-evidence-cnt_\w+\.json$/);
  expect(await download.failure()).toBeNull();
  await page
    .getByRole('link', { name: /0 of 1|1 of 1/ })
    .first()
    .click();
  const stop = page.getByRole('article', { name: 'Stop' });
  await expect(stop.getByText('Level 4, quarantine')).toBeVisible();
  await expect(stop.getByRole('region', { name: 'Containment' })).toContainText('payments key');
  await photograph(page, 'contain-stop');

  await page.goto(`/t/${tenant.slug}/agents?agent=payer`);
  await panel.getByRole('button', { name: 'Release…' }).click();
  const form = page.getByRole('dialog', { name: 'Release the agent' });
  await form.getByLabel('Why it is safe again').fill('keys were exchanged');
  await form.getByRole('button', { name: 'Release' }).click();
  await expect(panel.getByText(/Released by/)).toBeVisible();
  await provider.close();
});
