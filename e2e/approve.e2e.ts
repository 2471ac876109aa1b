import type { Page } from '@playwright/test';
import { bindingDigest, schemaDigest } from '#server/permits/digest.ts';
import { boundArguments, type JsonObject } from '#server/permits/canonicalise.ts';
import { permitClaimsSchema } from '#server/permits/contract.ts';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';
import { readVisibleArguments } from './read-visible-arguments.ts';

const bar = (page: Page) => page.getByRole('region', { name: 'Decision' });
const approveButton = (page: Page) => bar(page).getByRole('button', { name: /^Approve once/ });
const dialog = (page: Page) => page.getByRole('dialog');
const decide = (page: Page, name: 'Approve once') =>
  dialog(page).getByRole('button', { name, exact: true });
const openButton = (page: Page) => page.getByRole('button', { name: /^Open the arguments/ });

async function openQueue(page: Page, slug: string): Promise<void> {
  await page.goto(`/t/${slug}/approvals`);
  await expect(page.getByRole('heading', { name: 'Approvals' })).toBeVisible();
}

/** Waits until nothing has moved for long enough that the button in the dialog takes a press. */
async function armed(page: Page, name: 'Approve once'): Promise<void> {
  await expect(decide(page, name)).not.toHaveAttribute('aria-disabled', 'true');
}

/** Opens the arguments and has all of them in sight, as a reader does. */
async function readAll(page: Page): Promise<void> {
  await openButton(page).click();
  const more = page.getByRole('button', { name: 'Show more' });
  await expect(page.getByRole('list', { name: 'Arguments, untrusted' })).toBeVisible();
  while ((await more.count()) > 0) await more.first().click();
  for (const row of await page.locator('[data-argument]').all()) {
    await row.evaluate((element) => element.scrollIntoView({ block: 'end' }));
  }
  await expect(approveButton(page)).not.toHaveAttribute('aria-disabled', 'true');
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
