import { expect, test } from './fixtures.ts';
import { pagePaths, weighPage } from './page-weight.ts';

/** Gzip, a route; charts and the editor of rules come after the page and are not counted. */
const scriptBytesMax = 250_000;

test('no page loads more script than its share', async ({ browser, pageAs, server, tenant }) => {
  test.setTimeout(240_000);
  const agent = await tenant.agent('payments-bot');
  await agent.isInjected();
  const page = await pageAs('admin');
  const paths = [...pagePaths, `/traces/${agent.traceId}`];
  const signIn = await weighPage(browser, null, `${server.url}/login`);
  expect(signIn.scriptBytes, 'sign-in').toBeLessThanOrEqual(scriptBytesMax);
  for (const path of paths) {
    const weight = await weighPage(
      browser,
      page.context(),
      `${server.url}/t/${tenant.slug}${path}`,
    );
    expect.soft(weight.scriptBytes, `the page ${path}`).toBeLessThanOrEqual(scriptBytesMax);
    expect(weight.scriptBytes, `${path} is a page with script`).toBeGreaterThan(50_000);
  }
});

test('a page asks for another one only when somebody comes to its link', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('admin');
  const ahead: string[] = [];
  page.on('request', (request) => {
    const { pathname, searchParams } = new URL(request.url());
    if (searchParams.has('_rsc')) ahead.push(pathname);
  });
  await page.goto(`/t/${tenant.slug}/audit`);
  await expect(page.getByText('live', { exact: true })).toBeVisible();
  // Links in sight are asked for as soon as the page is idle, where they are at all.
  await page.evaluate(() => new Promise((resolve) => requestIdleCallback(resolve)));
  expect(ahead).toEqual([]);
  const link = (name: string) => page.getByRole('navigation').getByRole('link', { name }).first();
  await link('Traces').hover();
  await expect.poll(() => new Set(ahead)).toEqual(new Set([`/t/${tenant.slug}/traces`]));
  await link('Agents').focus();
  await expect.poll(() => ahead).toContain(`/t/${tenant.slug}/agents`);
});
