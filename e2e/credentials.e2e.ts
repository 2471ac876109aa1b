import { createServer, type Server } from 'node:http';
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';
import { runVariables } from './start-run.ts';

/** A provider behind a webhook, where the server of the run may reach it. */
async function playProvider() {
  const port = Number(process.env[runVariables.providerPort]);
  const dead = new Set<string>();
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { type, credential } = JSON.parse(body) as {
        type: string;
        credential: { name: string };
      };
      if (type === 'credential.revoke') dead.add(credential.name);
      response.end(JSON.stringify({ active: !dead.has(credential.name) }));
    });
  });
  await new Promise<void>((done) => server.listen(port, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${port}`,
    dead,
    close: () => new Promise<void>((done) => server.close(() => done())),
  };
}

async function addCredential(
  page: Page,
  facts: { name: string; tool: string; owner: string; provider?: string },
): Promise<void> {
  await page.getByRole('button', { name: 'Add a credential' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add a credential' });
  await form.getByLabel('Name', { exact: true }).fill(facts.name);
  await form.getByLabel('Tool').fill(facts.tool);
  await form.getByLabel('Secret').fill(`secret of ${facts.name}`);
  await form.getByLabel('Scopes').fill('read write');
  await form.getByLabel('Holders').fill('payer');
  if (facts.provider !== undefined) {
    await form.getByLabel('Provider').selectOption({ label: facts.provider });
  }
  await form.getByLabel('Owner').selectOption({ label: facts.owner });
  await form.getByRole('button', { name: 'Seal it' }).click();
  await expect(form).toBeHidden();
}

test('a credential is brokered, leased, revoked, and called revoked only on proof', async ({
  pageAs,
  server,
  tenant,
}) => {
  test.slow();
  const provider = await playProvider();
  const agent = await tenant.agent('payer');
  const admin = await pageAs('admin');
  const owner = await tenant.person('admin');
  await admin.goto(`/t/${tenant.slug}`);
  await admin.getByRole('link', { name: 'Credentials' }).first().click();
  await expect(admin.getByText('No credential yet')).toBeVisible();
  await photograph(admin, 'credentials-empty');

  await admin.getByRole('button', { name: 'Add a provider' }).click();
  const form = admin.getByRole('dialog', { name: 'Add a provider' });
  await form.getByLabel('Name', { exact: true }).fill('key service');
  await form.getByLabel('Spoken to by').selectOption({ label: 'webhook' });
  await form.getByLabel('URL', { exact: true }).fill(`${provider.url}/revoke`);
  await form.getByLabel('Probe URL').fill(`${provider.url}/probe`);
  await form.getByLabel('Signing secret').fill('signing secret');
  await form.getByRole('button', { name: 'Add the provider' }).click();
  await expect(form).toBeHidden();
  await addCredential(admin, {
    name: 'payments key',
    tool: 'send_money',
    owner,
    provider: 'key service, webhook',
  });
  await addCredential(admin, { name: 'mail password', tool: 'send_email', owner });

  const headers = { authorization: `Bearer ${agent.door.key}` };
  const take = (tool: string) =>
    fetch(`${server.url}/api/v1/leases`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ tool, scopes: ['read'] }),
    });
  const isActive = async (token: string) => {
    const body = new URLSearchParams({ token });
    const answer = await fetch(`${server.url}/oauth/introspect`, { method: 'POST', headers, body });
    return ((await answer.json()) as { active: boolean }).active;
  };
  const taken = await Promise.all(
    ['send_money', 'send_email'].map(async (tool) => {
      const answer = await take(tool);
      expect(answer.status).toBe(201);
      return ((await answer.json()) as { token: string }).token;
    }),
  );
  for (const token of taken) expect(await isActive(token)).toBe(true);

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

  await page.getByRole('link', { name: /mail password/ }).click();
  await revoke(page, 'mail password');
  await expect(pane.getByText('revoked here, unproven there')).toBeVisible({ timeout: 30_000 });
  await expect(
    pane.getByRole('region', { name: 'Itself, where it was made', exact: true }),
  ).toContainText('to be done elsewhere');
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
