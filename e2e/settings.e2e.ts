import { readFileSync } from 'node:fs';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';
import { testPassword } from './start-server.ts';

test('an administrator adds a person, who signs in, changes roles and is removed', async ({
  pageAs,
  browser,
  signIn,
  server,
  tenant,
}) => {
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}`);
  await page.getByRole('link', { name: 'Settings' }).first().click();
  await expect(page).toHaveURL(/\/settings\/people$/);
  const people = page.getByRole('table', { name: 'People' });
  await expect(people.getByRole('row')).toHaveCount(2);
  await expectAccessible(page);
  await photograph(page, 'settings-people');

  const email = `new@${tenant.slug}.example`;
  await page.getByRole('button', { name: 'Add a person' }).click();
  const form = page.getByRole('dialog', { name: 'Add a person' });
  await form.getByRole('button', { name: 'Add the person' }).click();
  await expect(form.getByText('Give at least one role.')).toBeVisible();
  await form.getByLabel('E-mail').fill(email);
  await form.getByLabel('Name').fill('New Person');
  await form.getByRole('checkbox', { name: /analyst/ }).click();
  await form.getByRole('button', { name: 'Make one' }).click();
  await expect(form.getByLabel('First password')).toHaveValue(/^[a-z2-9]{5}(-[a-z2-9]{5}){4}$/);
  await form.getByLabel('First password').fill(testPassword);
  await expectAccessible(page);
  await photograph(page, 'settings-people-add');
  await form.getByRole('button', { name: 'Add the person' }).click();
  await expect(people.getByRole('row', { name: /New Person/ })).toContainText('analyst');

  const context = await browser.newContext({ baseURL: server.url });
  const theirs = await context.newPage();
  await signIn(theirs, email);
  await theirs.goto(`/t/${tenant.slug}/settings/people`);
  await expect(theirs.getByText('You may not see this')).toBeVisible();

  await page.getByRole('button', { name: 'Actions for New Person' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the person' }).click();
  await expect(people.getByRole('row', { name: /New Person/ })).toHaveCount(0);
  // The cookie that they still hold is worth nothing.
  await theirs.goto(`/t/${tenant.slug}`);
  await expect(theirs).toHaveURL(/\/login/);
  await context.close();
});

test('the last administrator stays', async ({ allowConsole, pageAs, tenant }) => {
  // The browser writes every refused request to its console.
  allowConsole(/status of 409/);
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}/settings/people`);
  await page.getByRole('button', { name: 'Actions for Test admin' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  const form = page.getByRole('dialog', { name: 'Remove the person' });
  await form.getByRole('button', { name: 'Remove the person' }).click();
  await expect(form.getByRole('alert')).toContainText('last administrator');
});

test('a key is created by keyboard, shown once, works, and is refused after it is revoked', async ({
  pageAs,
  server,
  tenant,
}) => {
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}/settings/keys`);
  await expect(page.getByText('No key yet')).toBeVisible();
  await page.getByRole('button', { name: 'Create a key' }).first().focus();
  await page.keyboard.press('Enter');
  const form = page.getByRole('dialog', { name: 'Create a key' });
  await form.getByLabel('Agent').fill('billing-bot');
  await form.getByLabel('Name').fill('pod one');
  await expectAccessible(page);
  await photograph(page, 'settings-keys-create');
  await page.keyboard.press('Enter');
  const shown = page.getByRole('dialog', { name: 'Your new key' });
  const key =
    (await shown.getByRole('figure', { name: 'Key' }).locator('code').textContent()) ?? '';
  expect(key).toMatch(/^sbk_agent_[0-9a-z]{26}_[0-9A-Za-z]{43}$/);
  await shown.getByRole('button', { name: 'I have kept it' }).click();
  expect(await page.content()).not.toContain(key.slice(-43));

  const post = () =>
    fetch(`${server.url}/api/v1/events`, {
      method: 'POST',
      headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
      body: JSON.stringify({ events: [] }),
    });
  expect((await post()).status).toBe(200);
  const line = page.getByRole('row', { name: /pod one/ });
  await expect(line).toContainText('live');
  await photograph(page, 'settings-keys');
  await line.getByRole('button', { name: 'Revoke pod one' }).click();
  await page.getByRole('button', { name: 'Revoke the key' }).click();
  await expect(line).toContainText('revoked');
  await expect.poll(async () => (await post()).status, { timeout: 3000 }).toBe(401);
});

test('a tool is found, described anew and removed', async ({ pageAs, tenant }) => {
  const page = await pageAs('admin');
  await page.goto(`/t/${tenant.slug}/settings/tools`);
  await expect(page.getByRole('row', { name: /send_money/ })).toContainText('money');
  await expectAccessible(page);
  await photograph(page, 'settings-tools');
  await page.keyboard.press('/');
  await page.keyboard.type('wire_transfer');
  await page.keyboard.press('Enter');
  await expect(page.getByText('No tool has such a name')).toBeVisible();
  await expect(page).toHaveURL(/q=wire_transfer/);
  await page.getByRole('button', { name: 'Describe a tool' }).click();
  const form = page.getByRole('dialog', { name: 'Describe a tool' });
  await form.getByLabel('Name').fill('wire_transfer');
  await form.getByLabel('What it does').fill('Transfers money abroad');
  await photograph(page, 'settings-tools-add');
  await form.getByRole('button', { name: 'Add the tool' }).click();
  const line = page.getByRole('row', { name: /wire_transfer/ });
  await expect(line).toContainText('every argument');
  await page.getByRole('button', { name: 'Actions for wire_transfer' }).click();
  await page.getByRole('menuitem', { name: 'Remove…' }).click();
  await page.getByRole('button', { name: 'Remove the tool' }).click();
  await expect(page.getByText('No tool has such a name')).toBeVisible();
});

test('a viewer reads the tools, changes nothing and is told why', async ({ pageAs, tenant }) => {
  const page = await pageAs('viewer');
  await page.goto(`/t/${tenant.slug}/settings`);
  await expect(page).toHaveURL(/\/settings\/tools$/);
  const describeTool = page.getByRole('button', { name: 'Describe a tool' });
  await expect(describeTool).toBeDisabled();
  await describeTool.focus();
  await expect(page.getByText(/ask an administrator of this tenant/)).toBeVisible();
  await expect(page.getByRole('link', { name: 'People' })).toHaveCount(0);
});

test('a person ends another sign-in of theirs and changes the password', async ({
  pageAs,
  browser,
  server,
  signIn,
  tenant,
}) => {
  const page = await pageAs('responder');
  const context = await browser.newContext({ baseURL: server.url });
  const other = await context.newPage();
  await signIn(other, await tenant.person('responder'));
  await page.goto(`/t/${tenant.slug}/settings/account`);
  const mine = page.getByRole('table', { name: 'Your sign-ins, newest first' });
  await expect(mine.getByRole('row')).toHaveCount(3);
  await expectAccessible(page);
  await photograph(page, 'settings-account');
  await mine.getByRole('button', { name: 'End' }).click();
  await expect(mine.getByRole('row')).toHaveCount(2);
  await other.goto(`/t/${tenant.slug}`);
  await expect(other).toHaveURL(/\/login/);

  await page.getByLabel('Current password').fill(testPassword);
  await page.getByLabel('New password').fill('short');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('Must have at least 12 characters.')).toBeVisible();
  await page.getByLabel('New password').fill('another long password');
  await page.getByRole('button', { name: 'Change the password' }).click();
  await expect(page.getByText('Your password was changed')).toBeVisible();
  await context.close();
});

test('an auditor finds who created a key, and opens the row by keyboard', async ({
  pageAs,
  tenant,
}) => {
  await tenant.key('ingest');
  await tenant.person('viewer');
  const page = await pageAs('auditor');
  await page.goto(`/t/${tenant.slug}`);
  await page.getByRole('link', { name: 'Audit' }).first().click();
  const log = page.getByRole('list', { name: 'Rows of the log, newest first' });
  await expect(log.getByRole('link', { name: /signed in/ })).toBeVisible();
  await expectAccessible(page);
  await photograph(page, 'audit');
  await page.getByRole('button', { name: 'Action' }).click();
  await page.getByRole('menuitemradio', { name: 'created a key' }).click();
  await expect(page).toHaveURL(/action=key\.created/);
  await expect(log.getByRole('link')).toHaveCount(1);
  await log.getByRole('link').focus();
  await page.keyboard.press('Enter');
  const row = page.getByRole('article', { name: 'Row of the log' });
  await expect(row).toContainText('key.created');
  await expect(row).toContainText('test ingest');
  await expectAccessible(page);
  await photograph(page, 'audit-row');
  await page.reload();
  await expect(page.getByRole('article', { name: 'Row of the log' })).toContainText('key.created');
});

test('an analyst is told that the log is not for them', async ({ pageAs, tenant }) => {
  const page = await pageAs('analyst');
  await page.goto(`/t/${tenant.slug}/audit`);
  await expect(page.getByText(/do not allow you to read the audit log/)).toBeVisible();
});

test('an analyst registers and mints canaries and removes one; an auditor only looks', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('analyst');
  await page.goto(`/t/${tenant.slug}/settings/canaries`);
  await expect(page.getByText('No canary is planted')).toBeVisible();
  await page.getByRole('button', { name: 'Register a canary' }).first().click();
  const form = page.getByRole('dialog', { name: 'Register a canary' });
  await form.getByLabel('Name').fill('Made-up customer');
  await form.getByRole('button', { name: 'Make one' }).click();
  await form.getByLabel('Homes').fill('get_customer');
  await form.getByRole('button', { name: 'Register it' }).click();
  const line = page.getByRole('row', { name: /Made-up customer/ });
  await expect(line).toContainText(/cnry-[0-9a-f]{24}/);
  await expectAccessible(page);
  await photograph(page, 'settings-canaries');

  const auditor = await pageAs('auditor');
  await auditor.goto(`/t/${tenant.slug}/settings/canaries`);
  await expect(auditor.getByRole('button', { name: 'Remove Made-up customer' })).toBeDisabled();

  await line.getByRole('button', { name: 'Remove Made-up customer' }).click();
  await page.getByRole('button', { name: 'Remove the canary' }).click();
  await expect(page.getByText('No canary is planted')).toBeVisible();

  await page.getByRole('button', { name: 'Mint for a document' }).first().click();
  const mint = page.getByRole('dialog', { name: 'Mint canaries for a document' });
  await mint.getByLabel('Document').fill('Payroll 2026');
  await mint.getByLabel('Homes').fill('read_hr');
  await mint.getByRole('button', { name: 'Mint them' }).click();
  const minted = page.getByRole('dialog', { name: 'Plant these' });
  await expect(minted.getByText(/SERVICE_API_KEY=ak_live_[0-9a-f]{24}/)).toBeVisible();
  await minted.getByRole('button', { name: 'Done' }).click();
  await expect(page.getByRole('row', { name: /Payroll 2026 \(credential\)/ })).toContainText(
    /ak_live_[0-9a-f]{24}/,
  );
});

test('an auditor takes the filtered log away as a file, and the log says so', async ({
  pageAs,
  tenant,
}) => {
  await tenant.key('ingest');
  const page = await pageAs('auditor');
  await page.goto(`/t/${tenant.slug}/audit?action=key.created`);
  await page.getByRole('button', { name: 'Export' }).click();
  const coming = page.waitForEvent('download');
  await page.getByRole('menuitem', { name: 'CSV' }).click();
  const file = await coming;
  expect(file.suggestedFilename()).toMatch(/^signalbox-audit-.*\.csv$/);
  const lines = readFileSync(await file.path(), 'utf8')
    .trimEnd()
    .split('\r\n');
  expect(lines).toHaveLength(2);
  expect(lines[1]).toContain('"key.created"');
  await page.goto(`/t/${tenant.slug}/audit`);
  await expect(page.getByText('took a list away as a file').first()).toBeVisible();
});

test('a responder reads the log and is told why it is not theirs to take away', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/audit`);
  const button = page.getByRole('button', { name: 'Export' });
  await expect(button).toBeDisabled();
  await button.hover({ force: true });
  await expect(
    page.getByText(/Your roles do not allow you to take the audit log away/),
  ).toBeVisible();
});
