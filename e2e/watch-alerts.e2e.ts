import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Locator, Page } from '@playwright/test';
import { childEnv, readEnv } from '#server/kernel/env.ts';
import { expect, test } from './fixtures.ts';
import { stepToFirst } from './press.ts';
import { root } from './start-server.ts';

const run = promisify(execFile);
const testData = readEnv().SIGNALBOX_TESTDATA;

/** Presses Tab until this element has the focus, as a person without a mouse does. */
async function tabTo(page: Page, target: Locator): Promise<void> {
  for (let presses = 0; presses < 80; presses++) {
    if (await target.evaluate((element) => element === document.activeElement)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error('the keyboard does not reach it');
}

/** From the inbox to the root event: open the first alert, follow the link. Two actions. */
async function openRootEvent(page: Page): Promise<void> {
  await stepToFirst(page, page.getByRole('list', { name: /^Alerts/ }).getByRole('listitem'));
  await page.keyboard.press('Enter');
  const rootEvent = page.getByRole('link', { name: 'Open the root event' });
  await expect(rootEvent).toBeVisible();
  await tabTo(page, rootEvent);
  await page.keyboard.press('Enter');
  await page.waitForURL(/\/traces\/[0-9a-f]{32}\?.*event=/);
}

const markDocument = (page: Page) =>
  page.evaluate(() => {
    document.documentElement.dataset['untouched'] = 'yes';
  });
const isUntouched = (page: Page) =>
  page.evaluate(() => document.documentElement.dataset['untouched'] === 'yes');

test('an analyst sees an alert arrive, goes to its root event and plays the trace back, by keyboard', async ({
  pageAs,
  tenant,
}) => {
  const agent = await tenant.agent('payments-bot');
  const page = await pageAs('analyst');
  await page.goto(`/t/${tenant.slug}/alerts`);
  await expect(page.getByText('Nothing needs you')).toBeVisible();
  await markDocument(page);

  await agent.isInjected();
  await expect(page.getByRole('link', { name: /payments-bot/ }).first()).toBeVisible();
  expect(await isUntouched(page)).toBe(true);

  await openRootEvent(page);
  await expect(page.getByText('send_money').first()).toBeVisible();

  // Play back: at the first moment nothing untrusted had been read, at the last one it had.
  const state = page.getByRole('tab', { name: 'State at this moment' });
  const event = page.getByRole('tab', { name: 'Event', exact: true });
  await tabTo(page, event);
  await page.keyboard.press('ArrowRight');
  await page.keyboard.press('Enter');
  await expect(state).toHaveAttribute('aria-selected', 'true');
  const moment = page.getByRole('slider', { name: 'Moment' });
  await tabTo(page, moment);
  await page.keyboard.press('Home');
  await expect(page.getByText('had seen untrusted content')).toHaveCount(0);
  await page.keyboard.press('End');
  await expect(page.getByText('had seen untrusted content')).toBeVisible();
  await expect(page).toHaveURL(/at=/);
  const here = page.url();
  await page.reload();
  // Within the panel: while a page arrives, what it shows may also lie ready, hidden, at its end.
  const panel = page.getByRole('tabpanel', { name: 'State at this moment' });
  await expect(panel.getByText('had seen untrusted content')).toBeVisible();
  expect(page.url()).toBe(here);
});

test('a list that was hidden on a narrow screen has its rows again on a wide one', async ({
  pageAs,
  tenant,
}) => {
  await (await tenant.agent('payments-bot')).isInjected();
  const page = await pageAs('analyst');
  await page.goto(`/t/${tenant.slug}/alerts`);
  // Of the list: the open alert has a link to its agent, too.
  const list = page.getByRole('list', { name: /^Alerts/ });
  const row = list.getByRole('link', { name: /payments-bot/ }).first();
  await expect(row).toBeVisible();
  await page.setViewportSize({ width: 390, height: 844 });
  await row.click();
  await expect(row).toBeHidden();
  await page.setViewportSize({ width: 1440, height: 900 });
  await expect(row).toBeVisible();
  await expect.poll(async () => (await row.boundingBox())?.height ?? 0).toBeGreaterThan(20);
});

test('alerts arrive in an open browser while recorded traces replay', async ({
  pageAs,
  server,
  tenant,
}) => {
  test.skip(testData === undefined, 'needs the real traces of SIGNALBOX_TESTDATA');
  const dir = mkdtempSync(join(tmpdir(), 'signalbox-replay-'));
  try {
    const lines = readFileSync(join(testData ?? '', 'traces', 'agentdojo.jsonl'), 'utf8').split(
      '\n',
    );
    const file = join(dir, 'some.jsonl');
    // Clean runs first, then the same under attack, as the file has them.
    const some = lines.filter((line) => /"injected": (true|false)/.test(line)).slice(0, 120);
    writeFileSync(file, some.join('\n'));

    const page = await pageAs('analyst');
    await page.goto(`/t/${tenant.slug}/alerts`);
    await expect(page.getByText('Nothing needs you')).toBeVisible();
    await markDocument(page);
    const replay = run(
      process.execPath,
      [
        join(root, 'server', 'cli.ts'),
        'replay',
        file,
        '--tenant',
        tenant.slug,
        '--speed',
        'max',
        '--json',
      ],
      {
        env: childEnv({
          SIGNALBOX_ROOT: root,
          SIGNALBOX_DATA_DIR: server.dataDir,
          PORT: new URL(server.url).port,
        }),
      },
    );
    await expect(page.getByRole('link', { name: /agentdojo/ }).first()).toBeVisible({
      timeout: 30_000,
    });
    const { stdout } = await replay;
    const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '{}') as Record<string, number>;
    expect(summary).toMatchObject({ traces: some.length, duplicates: 0, rejected: 0 });
    expect(summary['accepted']).toBe(summary['events']);
    expect(await isUntouched(page)).toBe(true);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
