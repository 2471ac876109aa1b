import type { Page } from '@playwright/test';
import { bindingDigest, schemaDigest } from '#server/permits/digest.ts';
import { boundArguments, type JsonObject } from '#server/permits/canonicalise.ts';
import { permitClaimsSchema } from '#server/permits/contract.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';
import { readVisibleArguments } from './read-visible-arguments.ts';
import { testPassword } from './start-server.ts';

const bar = (page: Page) => page.getByRole('region', { name: 'Decision' });
const approveButton = (page: Page) => bar(page).getByRole('button', { name: /^Approve once/ });
const dialog = (page: Page) => page.getByRole('dialog');
const decide = (page: Page, name: 'Approve once' | 'Deny') =>
  dialog(page).getByRole('button', { name, exact: true });
const openButton = (page: Page) => page.getByRole('button', { name: /^Open the arguments/ });

async function openQueue(page: Page, slug: string): Promise<void> {
  await page.goto(`/t/${slug}/approvals`);
  await expect(page.getByRole('heading', { name: 'Approvals' })).toBeVisible();
}

/** Waits until nothing has moved for long enough that the button in the dialog takes a press. */
async function armed(page: Page, name: 'Approve once' | 'Deny'): Promise<void> {
  await expect(decide(page, name)).not.toHaveAttribute('aria-disabled', 'true');
}

/** Opens the arguments and has all of them in sight, as a reader does. */
async function readAll(page: Page): Promise<void> {
  await openButton(page).click();
  const more = page.getByRole('button', { name: 'Show more' });
  await expect(page.getByRole('list', { name: 'Arguments, untrusted' })).toBeVisible();
  while ((await more.count()) > 0) await more.first().click();
  // What is drawn above them a moment later moves them out of sight again: a reader scrolls once more.
  await expect(async () => {
    for (const row of await page.locator('[data-argument]').all()) {
      await row.evaluate((element) => element.scrollIntoView({ block: 'end' }));
    }
    await expect(approveButton(page)).not.toHaveAttribute('aria-disabled', 'true', {
      timeout: 2_000,
    });
  }).toPass({ timeout: 20_000 });
}

/** The claims of a permit; its signature is the agent's business. */
const claimsOf = (permit: string) =>
  permitClaimsSchema.parse(
    JSON.parse(Buffer.from(permit.split('.')[1] ?? '', 'base64url').toString()),
  );

/** The digest that these arguments give under a permit's other claims. */
function digestOf(permit: string, args: unknown, boundFields: string[] | null): string {
  const { ten, sub, act, tool, n } = claimsOf(permit);
  return bindingDigest({
    tenantId: ten,
    agentId: sub,
    actionId: act,
    tool,
    schema: schemaDigest(null),
    nonce: n,
    args: boundArguments(args as JsonObject, boundFields),
    plan: null,
  });
}

test('a reviewer sees a held action arrive, reads it and approves it by keyboard; it runs once, exactly', async ({
  pageAs,
  tenant,
}) => {
  const agent = await tenant.agent('search-bot');
  const page = await pageAs('reviewer');
  await openQueue(page, tenant.slug);
  await expect(page.getByText('Nothing waits for a person')).toBeVisible();
  await photograph(page, 'approvals-empty');
  await page.evaluate(() => {
    document.documentElement.dataset['untouched'] = 'yes';
  });

  const args = { query: 'dividends of ACME\tInc.', pages: [1, 2], strict: true, near: null };
  const asked = await agent.asks('web_search', args, { reason: 'The user wants to know.' });
  expect(asked.status).toBe(202);
  const row = page.getByRole('link', { name: /web_search/ });
  await expect(row).toBeVisible();
  expect(await page.evaluate(() => document.documentElement.dataset['untouched'])).toBe('yes');

  await page.keyboard.press('j');
  await expect(row).toBeFocused();
  await page.keyboard.press('Enter');
  await expect(openButton(page)).toBeVisible();
  await expect(
    page.getByText(String((asked.body['approval'] as { fingerprint: string }).fingerprint)).first(),
  ).toBeVisible();
  const sentence = page.getByRole('heading', { name: /^search-bot wants to/ });
  await expect(sentence).toHaveText(
    'search-bot wants to let something out of the house with web_search. It undoes itself.',
  );
  await expect(
    page.getByText('Its values are sealed until the arguments are opened.'),
  ).toBeVisible();
  // Before anything was read, `a` opens nothing and says why.
  await page.keyboard.press('a');
  await expect(page.getByText('Open the arguments first.').first()).toBeVisible();
  await expect(dialog(page)).toHaveCount(0);

  await openButton(page).focus();
  await page.keyboard.press('Space');
  await expect(page.getByRole('list', { name: 'Arguments, untrusted' })).toBeVisible();
  await expect(
    page.getByRole('list', { name: 'Arguments, untrusted' }).getByText('U+0009'),
  ).toBeVisible();
  await expect(sentence).toHaveText(
    / with web_search, query dividends of ACMEU\+0009Inc\. and 3 more/,
  );
  await page.keyboard.press('End');
  await expect(approveButton(page)).not.toHaveAttribute('aria-disabled', 'true');
  const seen = await readVisibleArguments(page);
  expect(seen).toEqual(args);

  await page.keyboard.press('a');
  await expect(decide(page, 'Approve once')).toBeVisible();
  await armed(page, 'Approve once');
  await decide(page, 'Approve once').focus();
  await page.keyboard.press('Enter');
  await expect(dialog(page)).toBeVisible();
  expect((await agent.waits(String(asked.body['id']), 0)).body['state']).toBe('held');
  await page.keyboard.press('Space');
  await expect(page.getByText('Approved', { exact: true }).first()).toBeVisible();

  const { body } = await agent.waits(String(asked.body['id']));
  expect(body['state']).toBe('approved');
  const permit = String(body['permit']);
  expect(digestOf(permit, seen, ['query'])).toBe(claimsOf(permit).dig);
  const changed = await agent.redeems(permit, { ...args, query: 'dividends of ACMF\tInc.' });
  expect([changed.status, changed.body['type']]).toEqual([409, '/problems/args-mismatch']);
  expect((await agent.redeems(permit, args)).status).toBe(200);
  const again = await agent.redeems(permit, args);
  expect([again.status, again.body['type']]).toEqual([409, '/problems/consumed']);
});

test('a critical action needs two people, each with a password and a reason', async ({
  allowConsole,
  pageOf,
  tenant,
}) => {
  // The browser itself notes the refused password.
  allowConsole(/status of 422 .*approvals\.vote/);
  const first = await pageOf(await tenant.another('reviewer', 'ada'));
  const second = await pageOf(await tenant.another('reviewer', 'bo'));
  const agent = await tenant.agent('payments-bot');
  const asked = await agent.asks('send_money', { recipient: 'DE00 1234', amount: 900 });
  expect(asked.body['risk']).toMatchObject({ band: 'critical' });
  await openQueue(first, tenant.slug);
  await first.getByRole('link', { name: /send_money/ }).click();
  await readAll(first);
  await expect(first.getByRole('heading', { name: /^payments-bot wants/ })).toHaveText(
    'payments-bot wants to move 900 to DE00 1234 with send_money. It cannot be undone.',
  );
  await photograph(first, 'approvals-critical');
  await first.keyboard.press('a');
  await expect(dialog(first).getByText(/Yours is 1 of 2/)).toBeVisible();
  await expect(decide(first, 'Approve once')).toHaveAttribute('aria-disabled', 'true');
  await dialog(first).getByLabel('Reason').fill('Invoice 17 was checked.');
  await dialog(first).getByLabel('Your password, again').fill('not this one');
  await armed(first, 'Approve once');
  await photograph(first, 'approvals-dialog');
  await armed(first, 'Approve once');
  await decide(first, 'Approve once').click();
  await expect(first.getByText('Not done').first()).toBeVisible();
  await dialog(first).getByLabel('Your password, again').fill(testPassword);
  await armed(first, 'Approve once');
  await decide(first, 'Approve once').click();
  await expect(first.getByText('Your approval counts').first()).toBeVisible();
  expect((await agent.waits(String(asked.body['id']), 0)).body['state']).toBe('held');
  await expect(first.getByText('You have voted already', { exact: false }).first()).toBeVisible();

  await openQueue(second, tenant.slug);
  await second.getByRole('link', { name: /send_money/ }).click();
  await expect(second.getByText('1 of 2').first()).toBeVisible();
  await readAll(second);
  await approveButton(second).click();
  await dialog(second).getByLabel('Reason').fill('Checked with the supplier.');
  await dialog(second).getByLabel('Your password, again').fill(testPassword);
  await armed(second, 'Approve once');
  await decide(second, 'Approve once').click();
  await expect(second.getByText('Approved', { exact: true }).first()).toBeVisible();
  expect((await agent.waits(String(asked.body['id']))).body['state']).toBe('approved');
});

test('the owner of an agent may neither read nor decide, and is told why', async ({
  pageOf,
  tenant,
}) => {
  await tenant.another('reviewer', 'ada');
  const owner = await tenant.another('reviewer', 'owner');
  const agent = await tenant.agent('owned-bot', owner);
  expect((await agent.asks('web_search', { query: 'x' })).status).toBe(202);
  const page = await pageOf(owner);
  await openQueue(page, tenant.slug);
  const row = page.getByRole('link', { name: /You own this agent, so somebody else decides/ });
  await row.click();
  await expect(openButton(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(
    page.getByText('You own this agent, so somebody else decides.').nth(1),
  ).toBeVisible();
  for (const name of [/^Deny/, /^Ask/, /^Approve once/]) {
    const button = bar(page).getByRole('button', { name });
    await expect(button).toHaveAttribute('aria-disabled', 'true');
  }
  await expectAccessible(page);
});

test('a request that is decided elsewhere freezes with the reason, and a denial reaches the agent', async ({
  pageOf,
  tenant,
}) => {
  const first = await pageOf(await tenant.another('reviewer', 'ada'));
  const second = await pageOf(await tenant.another('reviewer', 'bo'));
  const agent = await tenant.agent('search-bot');
  const asked = await agent.asks('web_search', { query: 'x' });
  for (const page of [first, second]) {
    await openQueue(page, tenant.slug);
    await page.getByRole('link', { name: /web_search/ }).click();
  }
  await readAll(first);
  await first.keyboard.press('a');
  await expect(decide(first, 'Approve once')).toBeVisible();
  await second.keyboard.press('d');
  await dialog(second).getByLabel('Reason').fill('Not today.');
  await armed(second, 'Deny');
  await decide(second, 'Deny').click();
  await expect(decide(first, 'Approve once')).toHaveAttribute('aria-disabled', 'true');
  await photograph(first, 'approvals-frozen');
  const { body } = await agent.waits(String(asked.body['id']));
  expect([body['state'], body['denyReason']]).toEqual(['denied', 'Not today.']);
});

const hostile = [
  '# Approved by the administrator\n**Press Approve**',
  '<button>Approve once</button><script>window.pwned=1</script>',
  '\u001b[2J\u001b[31mALL CLEAR\u001b[0m',
  'pay \u202eABCD00ED\u202c and zero\u200bwidth \u{e0041}\u{e0042} \u00a0\ufe0f',
].join('\n');

test('hostile arguments hide nothing and forge nothing, and what is seen is what is hashed', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('reviewer');
  const agent = await tenant.agent('hostile-bot');
  const args = {
    ['key \u202e<b>']: { 'a/b~c': [hostile, { '0': '0', deep: [] }] },
    query: `start${'\n'.repeat(10_000)}then pay everything to DE00${' x'.repeat(4_000)}`,
    'z: Approve once': '',
  };
  const asked = await agent.asks('web_search', args, { reason: hostile });
  await openQueue(page, tenant.slug);
  await page.getByRole('link', { name: /web_search/ }).click();
  await openButton(page).click();
  await expect(page.getByText(/more lines?, .* not yet viewed/)).toBeVisible();
  await expect(approveButton(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByText(/parts? of the arguments are not yet viewed/)).toBeVisible();
  await page.reload();
  await readAll(page);
  await photograph(page, 'approvals-hostile');
  for (const chip of ['U+202E', 'U+200B', 'U+001B', 'U+E0041', 'U+FE0F', 'U+00A0']) {
    await expect(page.locator('[data-argument]').getByText(chip).first()).toBeVisible();
  }
  expect(await page.evaluate(() => (globalThis as { pwned?: number }).pwned)).toBeUndefined();
  expect(await page.locator('article button', { hasText: 'Approve' }).count()).toBe(0);
  const seen = await readVisibleArguments(page);
  expect(seen).toEqual(args);

  await approveButton(page).click();
  await armed(page, 'Approve once');
  await decide(page, 'Approve once').click();
  await expect(page.getByText('Approved', { exact: true }).first()).toBeVisible();
  const permit = String((await agent.waits(String(asked.body['id']))).body['permit']);
  expect(digestOf(permit, seen, ['query'])).toBe(claimsOf(permit).dig);
});

const editForm = (page: Page) => page.getByRole('dialog', { name: 'Edit and approve' });
const approveEdit = (page: Page) =>
  editForm(page).getByRole('button', { name: 'Approve the edit', exact: true });

test('a reviewer edits by keyboard; the agent gets a permit for the edit and nothing else', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const page = await pageAs('reviewer');
  const agent = await tenant.agent('search-bot');
  const asked = await agent.asks('web_search', { query: 'all of it \u202e', note: 'x' });
  await openQueue(page, tenant.slug);
  await page.getByRole('link', { name: /web_search/ }).click();
  await readAll(page);
  await page.keyboard.press('e');
  const text = editForm(page).getByLabel('Arguments');
  await expect(text).toHaveValue(/all of it \\u202e/);
  await expect(approveEdit(page)).toHaveAttribute('aria-disabled', 'true');
  await expect(editForm(page).getByText('Nothing is changed yet.')).toBeVisible();

  await text.fill('{"query": "only this"');
  await expect(editForm(page).getByText(/no JSON yet/)).toBeVisible();
  await text.fill('{"query": "only this", "note": "x"}');
  const changes = editForm(page).getByRole('list', { name: 'What you change' });
  await expect(changes.getByRole('listitem')).toHaveCount(1);
  await expect(changes).toContainText('U+202E');
  await expect(changes).toContainText('only this');
  await editForm(page).getByLabel('Reason').fill('Less is enough.');
  await editForm(page).getByLabel('Your password, again').fill(testPassword);
  await expect(approveEdit(page)).not.toHaveAttribute('aria-disabled', 'true');
  await expectAccessible(page);
  await photograph(page, 'approvals-edit');
  await approveEdit(page).focus();
  await page.keyboard.press('Enter');
  await expect(editForm(page)).toBeVisible();
  await page.keyboard.press('Space');
  await expect(editForm(page)).toHaveCount(0);
  await expect(page.getByText('Edited and approved').first()).toBeVisible();

  const { body } = await agent.waits(String(asked.body['id']));
  expect(body).toMatchObject({
    state: 'approved',
    editedArgs: { query: 'only this', note: 'x' },
  });
  const permit = String(body['permit']);
  expect(claimsOf(permit).edited).toBe(true);
  expect((await agent.redeems(permit, { query: 'all of it \u202e', note: 'x' })).status).toBe(409);
  expect((await agent.redeems(permit, body['editedArgs'])).status).toBe(200);
  await page.getByRole('button', { name: 'History', exact: true }).click();
  await page.getByRole('link', { name: /web_search/ }).click();
  await expect(page.getByText('“Less is enough.”').first()).toBeVisible();
});

test('an edit of a critical one takes a second person, who sees what was asked and has to read it anew', async ({
  pageOf,
  tenant,
}) => {
  test.setTimeout(120_000);
  const first = await pageOf(await tenant.another('reviewer', 'ada'));
  const second = await pageOf(await tenant.another('reviewer', 'bo'));
  const agent = await tenant.agent('payer-bot');
  const payment = { recipient: 'DE89370400440532013000', amount: 900 };
  const asked = await agent.asks('send_money', payment);
  for (const page of [first, second]) {
    await openQueue(page, tenant.slug);
    await page.getByRole('link', { name: /send_money/ }).click();
    await readAll(page);
  }
  await bar(first).getByRole('button', { name: /^Edit/ }).click();
  await editForm(first)
    .getByLabel('Arguments')
    .fill(JSON.stringify({ ...payment, amount: 9 }));
  await editForm(first).getByLabel('Reason').fill('Nine was meant.');
  await editForm(first).getByLabel('Your password, again').fill(testPassword);
  await expect(approveEdit(first)).not.toHaveAttribute('aria-disabled', 'true');
  await approveEdit(first).click();
  await expect(editForm(first)).toHaveCount(0);

  // No reload: what the second one had read is not it any more.
  await expect(second.getByText(/edited since you opened them/)).toBeVisible();
  await expect(approveButton(second)).toHaveAttribute('aria-disabled', 'true');
  await readAll(second);
  await expect(second.getByText('Edited; compared with what the agent asked for.')).toBeVisible();
  await expect(second.locator('[data-argument="/amount"]')).toContainText('the agent asked');
  await approveButton(second).click();
  await dialog(second).getByLabel('Reason').fill('Agreed.');
  await dialog(second).getByLabel('Your password, again').fill(testPassword);
  await armed(second, 'Approve once');
  await decide(second, 'Approve once').click();
  const { body } = await agent.waits(String(asked.body['id']));
  expect(body).toMatchObject({ state: 'approved', editedArgs: { ...payment, amount: 9 } });
});

test('a value that is not visible is not read: a hidden copy gives another digest', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('reviewer');
  const agent = await tenant.agent('search-bot');
  const args = { query: 'visible', note: 'also visible' };
  await agent.asks('web_search', args);
  await openQueue(page, tenant.slug);
  await page.getByRole('link', { name: /web_search/ }).click();
  await readAll(page);
  expect(await readVisibleArguments(page)).toEqual(args);
  for (const style of ['visibility:hidden', 'opacity:0', 'display:none', 'font-size:0']) {
    const value = page.locator('[data-argument-value]').first();
    // By the object model: the page's policy ignores style attributes that a script writes.
    await value.evaluate((element, css) => {
      if (element instanceof HTMLElement) element.style.cssText = css;
    }, style);
    // Styles change by a transition, however short.
    await expect.poll(() => readVisibleArguments(page), { message: style }).not.toEqual(args);
    await value.evaluate((element) => element.removeAttribute('style'));
  }
  await expect.poll(() => readVisibleArguments(page)).toEqual(args);
});

test('a phone decides: nothing is cut at 360 × 740, and nothing serious is found in either theme', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const page = await pageAs('reviewer');
  const agent = await tenant.agent('files-bot');
  await agent.asks('write_file', { path: '/srv/app/config.yaml', content: 'debug: true\n' });
  await agent.asks('web_search', { query: 'x' });
  await openQueue(page, tenant.slug);
  await photograph(page, 'approvals-queue');
  for (const size of [
    { width: 1440, height: 900 },
    { width: 360, height: 740 },
  ]) {
    await page.setViewportSize(size);
    await openQueue(page, tenant.slug);
    await expectAccessible(page);
    await page.getByRole('link', { name: /write_file/ }).click();
    await readAll(page);
    await expectAccessible(page);
    const overflow = await page.evaluate(
      () => document.documentElement.scrollWidth - document.documentElement.clientWidth,
    );
    expect(overflow).toBeLessThanOrEqual(0);
    for (const name of [/^Deny/, /^Ask/, /^Approve once/]) {
      const button = bar(page).getByRole('button', { name });
      await expect(button).toBeInViewport({ ratio: 1 });
    }
  }
  await approveButton(page).click();
  await dialog(page).getByLabel('Reason').fill('Read in full.');
  await dialog(page).getByLabel('Your password, again').fill(testPassword);
  await armed(page, 'Approve once');
  await expect(decide(page, 'Approve once')).toBeInViewport({ ratio: 1 });
  await photograph(page, 'approvals-high-dialog');
});
