import { expect, test } from './fixtures.ts';

/** What an attacker writes who hopes that somebody looks at it in a browser. */
const hostile = [
  '<img src=x onerror="window.pwned = 1">',
  '<script>window.pwned = 2</script>',
  '"><svg onload="window.pwned = 3">',
  '[click](javascript:window.pwned=4)',
  '{{constructor.constructor("window.pwned=5")()}}',
  '\u001b[31mred\u001b[0m\u001b]8;;http://evil.example\u0007link\u001b]8;;\u0007',
  'invoice\u202egnp.exe',
  'zero\u200bwidth\u2066isolate',
  '</title></style><style>*{display:none!important}</style>',
].join('\n');

test('stored text of an attacker runs nothing and hides nothing, on any page', async ({
  pageAs,
  tenant,
}) => {
  const agent = await tenant.agent('hostile-bot');
  const told = { input: { [hostile.slice(0, 60)]: hostile }, output: hostile, error: hostile };
  await agent.post([
    agent.event({ kind: 'user_message', input: hostile, user: 'x" onmouseover="pwned=6' }),
    agent.event({ kind: 'tool_call', name: hostile.slice(0, 200), ...told, status: 'error' }),
    agent.event({ kind: 'llm_call', model: '<b>model</b>', name: '<i>name</i>', ...told }),
  ]);
  await agent.isInjected();
  const page = await pageAs('admin');
  page.on('dialog', () => expect('a dialog').toBe('never opened'));
  const places = [
    '',
    '/alerts',
    '/traces',
    `/traces/${agent.traceId}`,
    '/agents',
    '/audit',
    '/connect',
  ];
  await page.goto(`/t/${tenant.slug}/alerts`);
  await expect(page.getByText('hostile-bot').first()).toBeVisible({ timeout: 30_000 });
  for (const place of places) {
    await page.goto(`/t/${tenant.slug}${place}`);
    await expect(page.getByRole('heading').first()).toBeVisible();
    expect(await page.evaluate(() => (globalThis as { pwned?: number }).pwned)).toBeUndefined();
    expect(await page.locator('img[src="x"], svg[onload], a[href^="javascript:"]').count()).toBe(0);
    expect(await page.locator('body').isVisible()).toBe(true);
  }
});

test('what cannot be seen is drawn: bidi, zero width and escapes as chips', async ({
  pageAs,
  tenant,
}) => {
  const agent = await tenant.agent('hidden-bot');
  const event = await agent.does({ kind: 'tool_call', name: 'read_file', output: hostile });
  const page = await pageAs('analyst');
  await expect(async () => {
    await page.goto(`/t/${tenant.slug}/traces/${agent.traceId}?event=${event.id}`);
    await expect(page.getByText('U+202E').first()).toBeVisible({ timeout: 5_000 });
  }).toPass({ timeout: 40_000 });
  for (const chip of ['U+001B', 'U+200B', 'U+2066']) {
    await expect(page.getByText(chip).first()).toBeVisible();
  }
});
