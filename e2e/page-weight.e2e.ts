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
