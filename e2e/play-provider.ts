import { createServer, type Server } from 'node:http';
import { expect, type Page } from '@playwright/test';
import { providerPortVariables } from './start-run.ts';

/** A provider behind a webhook, where the server of the run may reach it; one at a time of each name. */
export async function playProvider(of: keyof typeof providerPortVariables) {
  const port = Number(process.env[providerPortVariables[of]]);
  const dead = new Set<string>();
  const server: Server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { type, credential } = JSON.parse(body) as {
        type: string;
        credential: { name: string };
      };
      if (credential.name.startsWith('broken')) return void response.writeHead(503).end();
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

/** Seals a credential through the form; `holder` is the agent's slug. */
export async function addCredential(
  page: Page,
  facts: { name: string; tool: string; owner: string; provider?: string; holder?: string },
): Promise<void> {
  await page.getByRole('button', { name: 'Add a credential' }).first().click();
  const form = page.getByRole('dialog', { name: 'Add a credential' });
  await form.getByLabel('Name', { exact: true }).fill(facts.name);
  await form.getByLabel('Tool').fill(facts.tool);
  await form.getByLabel('Secret').fill(`secret of ${facts.name}`);
  await form.getByLabel('Scopes').fill('read write');
  await form.getByLabel('Holders').fill(facts.holder ?? 'payer');
  if (facts.provider !== undefined) {
    await form.getByLabel('Provider').selectOption({ label: facts.provider });
  }
  await form.getByLabel('Owner').selectOption({ label: facts.owner });
  await form.getByRole('button', { name: 'Seal it' }).click();
  await expect(form).toBeHidden();
}

/** Adds the provider `key service` through the form. */
export async function addProvider(page: Page, url: string): Promise<void> {
  await page.getByRole('button', { name: 'Add a provider' }).click();
  const form = page.getByRole('dialog', { name: 'Add a provider' });
  await form.getByLabel('Name', { exact: true }).fill('key service');
  await form.getByLabel('Spoken to by').selectOption({ label: 'webhook' });
  await form.getByLabel('URL', { exact: true }).fill(`${url}/revoke`);
  await form.getByLabel('Probe URL').fill(`${url}/probe`);
  await form.getByLabel('Signing secret').fill('signing secret');
  await form.getByRole('button', { name: 'Add the provider' }).click();
  await expect(form).toBeHidden();
}
