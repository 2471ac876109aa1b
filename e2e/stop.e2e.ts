import { setTimeout as wait } from 'node:timers/promises';
import type { Page } from '@playwright/test';
import { askToRead, askWithoutPause, beat, type DoorCall, redeem } from './asking-agent.ts';
import { expect, test } from './fixtures.ts';
import { followControl } from './follow-control.ts';
import { holdButton, holdByPointer, stopDialog } from './hold-stop.ts';
import { photograph } from './look.ts';
import { pressUntil } from './press.ts';

const holdMs = 1_500;

const banner = (page: Page) => page.getByRole('region', { name: 'Standing stops' });

/** Asks that one agent goes first; a name that is there already is kept. */
async function fillGoFirst(page: Page, name: string | null): Promise<void> {
  // Before it is confirmed nobody may.
  await expect(page.getByText('in force', { exact: true }).first()).toBeVisible();
  await page.getByRole('button', { name: 'Let one agent go first…' }).click();
  const dialog = page.getByRole('dialog', { name: 'Let one agent go first' });
  if (name !== null) {
    await dialog.getByRole('combobox', { name: 'Agent' }).fill(name);
    await page.getByRole('option', { name }).click();
  }
  await dialog.getByLabel('Why it is safe again').fill('The cause is gone');
  await dialog.getByRole('button', { name: 'Let it go first' }).click();
}

/** The same, and waits until it is asked for. */
async function letGoFirst(page: Page, name: string | null): Promise<void> {
  await fillGoFirst(page, name);
  await expect(page.getByRole('dialog', { name: 'Let one agent go first' })).toHaveCount(0);
}

/** Opens by `!` and holds a key: no pointer, and nothing else in between. */
async function stopByKeyboard(page: Page, key: 'Space' | 'Enter'): Promise<void> {
  await pressUntil(page, 'Shift+!', stopDialog(page));
  await expect(holdButton(page)).toBeFocused();
  await expect(stopDialog(page).getByText(/could lift it/)).toBeVisible();
  await page.keyboard.down(key);
  await expect(
    stopDialog(page)
      .getByText(/^(Requested|Already stopped)/)
      .first(),
  ).toBeVisible();
  await page.keyboard.up(key);
}

test('a responder stops one agent by pointer, and it is refused from the confirmation on', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(180_000);
  const agent = await tenant.agent('payments-bot');
  const other = await tenant.agent('mail-bot');
  await agent.does({ kind: 'user_message', input: 'Hello.' });
  const early = await askToRead(agent);
  expect(early.status).toBe(200);

  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/agents?agent=payments-bot`);
  await page.getByRole('button', { name: 'Stop agent payments-bot…' }).first().click();
  await expect(stopDialog(page).getByRole('combobox', { name: 'Which agent' })).toHaveValue(
    'payments-bot',
  );
  await expect(stopDialog(page).getByText(/could lift it/)).toBeVisible();
  await photograph(page, 'stop-dialog');

  // Let go early, it does nothing.
  await holdButton(page).hover();
  await page.mouse.down();
  await expect(page.getByText('Keep holding…')).toBeVisible();
  await page.mouse.up();
  await expect(holdButton(page)).toBeVisible();
  expect((await askToRead(agent)).status).toBe(200);

  await holdByPointer(page);
  await expect(stopDialog(page).getByText(/Confirmed at/)).toBeVisible();
  expect((await askToRead(agent)).status).toBe(423);
  expect((await redeem(agent, early)).status).toBe(423);
  expect((await askToRead(other)).status).toBe(200);
  await photograph(page, 'stop-placed');

  await page.getByRole('link', { name: 'Open the stop' }).click();
  await expect(page.getByRole('heading', { name: /Stop of agent payments-bot/ })).toBeVisible();
  await expect(page.getByRole('region', { name: 'Ladder, scrollable' })).toBeVisible();
  await photograph(page, 'stop-detail');
});

test('a tree is stopped from its root, with what it starts afterwards', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const root = await tenant.agent('planner-bot');
  const child = await tenant.agent('worker-bot');
  const late = await tenant.agent('late-bot');
  await root.does({ kind: 'spawn', name: 'worker-bot' });
  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/agents?agent=planner-bot`);
  await expect(page.getByRole('link', { name: 'worker-bot' }).last()).toBeVisible();
  await photograph(page, 'agent-family');
  await page.getByRole('button', { name: 'Stop its tree of 2 agents…' }).click();
  await expect(stopDialog(page).getByRole('combobox', { name: 'Which agent tree' })).toHaveValue(
    'planner-bot',
  );
  await photograph(page, 'stop-tree-dialog');
  await holdByPointer(page);
  await expect(stopDialog(page).getByText(/Confirmed at/)).toBeVisible();
  expect((await askToRead(child)).status).toBe(423);
  expect((await askToRead(late)).status).toBe(200);
  await root.does({ kind: 'spawn', name: 'late-bot' });
  expect((await askToRead(late)).status).toBe(423);
  await page.getByRole('link', { name: 'Open the stop' }).click();
  await expect(page.getByRole('heading', { name: /Stop of agent tree planner-bot/ })).toBeVisible();
  const ladder = page.getByRole('region', { name: 'Ladder, scrollable' });
  for (const name of ['planner-bot', 'worker-bot', 'late-bot'])
    await expect(ladder).toContainText(name);
  await photograph(page, 'stop-tree');
});

test('an agent on the control stream climbs the ladder before the eyes of whoever stopped it', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const agent = await tenant.agent('payments-bot');
  const obeying = await followControl(agent, 'pod-1');
  const silent = await followControl(agent, 'pod-2');
  // A third beats once and is not heard of again: cut off, or frozen, as the stop comes.
  expect((await beat(agent, 'pod-3')).status).toBe(200);
  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}/agents?agent=payments-bot`);
  // The button of every page begins with what the page is about.
  await page.getByRole('banner').getByRole('button', { name: /^Stop/ }).click();
  await expect(stopDialog(page).getByRole('combobox', { name: 'Which agent' })).toHaveValue(
    'payments-bot',
  );
  await holdByPointer(page);
  const stopId = await obeying.nextStop();
  expect(await silent.nextStop()).toBe(stopId);
  await page.getByRole('link', { name: 'Open the stop' }).click();
  const row = (instance: string) =>
    page
      .getByRole('region', { name: 'Ladder, scrollable' })
      .getByRole('row')
      .filter({ hasText: instance });
  await expect(row('pod-1')).toContainText('delivered');
  await expect(row('pod-2')).toContainText('delivered');

  // No reload: what the agent says is seen as it says it, and only quiet is called so.
  expect(await obeying.answers(stopId, 'acknowledged', 2)).toBe(200);
  await expect(row('pod-1')).toContainText('acknowledged');
  await expect(row('pod-1').getByRole('cell').nth(3)).toHaveText('2');
  await expect(row('pod-1')).not.toContainText('quiet');
  expect(await obeying.answers(stopId, 'stopped', 0)).toBe(200);
  await expect(row('pod-1')).toContainText('quiet');
  await expect(row('pod-2')).toContainText('delivered');
  await expect(banner(page)).toContainText('1 of 3');
  // Silence of one that nobody reaches is no rest: it is said to be what it is, and never turns green.
  await expect(row('pod-3')).toContainText('unreachable', { timeout: 60_000 });
  await expect(banner(page)).toContainText('1 unreachable');
  await expect(row('pod-3')).not.toContainText('quiet');
  await photograph(page, 'stop-ladder');
  obeying.close();
  silent.close();
});

test('nothing is granted or redeemed once a stop by keyboard is confirmed, under 16 callers', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const agent = await tenant.agent('payments-bot');
  await askToRead(agent);
  const page = await pageAs('responder');
  await page.goto(`/t/${tenant.slug}`);
  const onlooker = await pageAs('viewer');
  await onlooker.goto(`/t/${tenant.slug}/audit`);
  await onlooker.goto(`/t/${tenant.slug}/rules`);
  await expect(onlooker.getByRole('heading', { name: 'Rules' }).first()).toBeVisible();

  const calls: DoorCall[] = [];
  let isOver = false;
  const asking = askWithoutPause(agent, 16, calls, () => isOver);
  await expect.poll(() => calls.filter((call) => call.status === 200).length).toBeGreaterThan(32);

  await stopByKeyboard(page, 'Space');
  await expect(stopDialog(page).getByText(/Confirmed at/)).toBeVisible();
  const confirmedMs = Date.now();
  const seen = calls.length;
  await expect.poll(() => calls.length).toBeGreaterThan(seen + 64);
  isOver = true;
  await asking;

  const before = calls.filter((call) => call.startedAtMs < confirmedMs);
  const after = calls.filter((call) => call.startedAtMs >= confirmedMs);
  expect(before.some((call) => call.door === 'redeem' && call.status === 200)).toBe(true);
  expect(after.length).toBeGreaterThan(16);
  expect(new Set(after.map((call) => call.status))).toEqual(new Set([423]));

  // Another person, another browser, no reload.
  await expect(banner(onlooker)).toContainText('whole tenant');
  await expect(banner(onlooker)).toContainText('responder@');
});

test('a second press changes nothing and names who was first', async ({ pageAs, tenant }) => {
  await tenant.agent('payments-bot');
  const first = await pageAs('responder');
  await first.goto(`/t/${tenant.slug}`);
  await stopByKeyboard(first, 'Enter');
  await expect(stopDialog(first).getByText(/Confirmed at/)).toBeVisible();

  const second = await pageAs('admin');
  await second.goto(`/t/${tenant.slug}`);
  await expect(banner(second)).toBeVisible();
  await stopByKeyboard(second, 'Enter');
  await expect(stopDialog(second).getByText(/Already stopped by responder@/)).toBeVisible();
  await expect(stopDialog(second).getByText(/Your press changed nothing/)).toBeVisible();
});

test('a page that can load nothing more still says that a stop stands', async ({
  pageAs,
  tenant,
  allowConsole,
}) => {
  await tenant.agent('payments-bot');
  const looking = await pageAs('viewer');
  await looking.goto(`/t/${tenant.slug}/alerts`);
  await expect(looking.getByText('live', { exact: true })).toBeVisible();
  allowConsole(/Failed to load resource/);
  await looking.route('**/_next/static/**', (route) => route.abort());
  const stopping = await pageAs('responder');
  await stopping.goto(`/t/${tenant.slug}`);
  await stopByKeyboard(stopping, 'Space');
  await expect(banner(looking)).toContainText('A stop stands.');
  await expect(looking.getByRole('heading', { name: 'Alerts' }).first()).toBeVisible();
  await looking.unrouteAll();
  await banner(looking).getByRole('link', { name: 'Stops' }).click();
  await expect(looking.getByRole('heading', { name: 'Stops' }).first()).toBeVisible();
});

/** Asks for the lift of the open stop, with a reason. */
async function askForLift(page: Page, deed: string): Promise<void> {
  await page.getByRole('button', { name: `${deed}…` }).click();
  await page.getByLabel('Why it is safe again').fill('The key was rotated.');
  await stopDialog(page).getByRole('button', { name: deed, exact: true }).click();
  await expect(stopDialog(page)).toHaveCount(0);
}

test('the whole tenant is lifted by two people, and by the first alone not', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(120_000);
  const agent = await tenant.agent('payments-bot');
  const first = await pageAs('responder');
  const second = await pageAs('admin');
  for (const page of [first, second]) await page.goto(`/t/${tenant.slug}`);
  await stopByKeyboard(first, 'Space');
  await first.getByRole('link', { name: 'Open the stop' }).click();
  // What was looked at is told to whoever lifts, and so is what was not.
  await first.getByRole('checkbox', { name: 'The cause is known' }).click();
  await expect(first.getByText(/Said by responder@/)).toBeVisible();
  await askForLift(first, 'Ask for the lift');
  await expect(
    first.getByText('1 person has asked; 1 more is needed.', { exact: false }),
  ).toBeVisible();
  await expect(first.getByRole('button', { name: 'Lift the stop…' })).toBeDisabled();
  expect((await askToRead(agent)).status).toBe(423);
  await photograph(first, 'stop-lift');

  await banner(second).getByRole('link').click();
  await second.getByRole('button', { name: 'Lift the stop…' }).click();
  await expect(
    stopDialog(second).getByText(/Nobody has said so far: credentials are rotated;/),
  ).toBeVisible();
  await photograph(second, 'stop-recovery');
  await stopDialog(second).getByRole('button', { name: 'Cancel' }).click();
  await askForLift(second, 'Lift the stop');
  await expect(banner(second)).toHaveCount(0);
  await expect(banner(first)).toHaveCount(0);
  expect((await askToRead(agent)).status).toBe(200);
});

test('one agent goes first by two people, alarms in its watch, and is held again', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(180_000);
  const agent = await tenant.agent('payments-bot');
  const other = await tenant.agent('mail-bot');
  const first = await pageAs('responder');
  const second = await pageAs('admin');
  for (const page of [first, second]) await page.goto(`/t/${tenant.slug}`);
  await stopByKeyboard(first, 'Space');
  await first.getByRole('link', { name: 'Open the stop' }).click();
  await letGoFirst(first, 'payments-bot');
  await expect(first.getByText(/asked for payments-bot/)).toBeVisible();
  expect((await askToRead(agent)).status).toBe(423);

  // The second person finds the name there; only the reason is theirs, and they are quicker than the list.
  await second.route(/agents\.list/, async (route) => {
    await wait(1_500);
    await route.continue();
  });
  await banner(second).getByRole('link').click();
  // Closed while the list is still on its way, the form sends nothing.
  const sent: string[] = [];
  second.on('request', (request) => sent.push(request.url()));
  const listed = second.waitForResponse(/agents\.list/);
  await fillGoFirst(second, null);
  await stopDialog(second).getByRole('button', { name: 'Cancel' }).click();
  await listed;
  await expect(stopDialog(second)).toHaveCount(0);
  // Left open, it waits for the list and sends once.
  await second.reload();
  await letGoFirst(second, null);
  expect(sent.filter((url) => url.includes('stops.resumeAgent'))).toHaveLength(1);
  const watched = first.getByRole('list', { name: 'Agents that went first' });
  await expect(watched).toContainText('watched until');
  expect((await askToRead(agent)).status).toBe(200);
  expect((await askToRead(other)).status).toBe(423);
  await expect(watched).toContainText('Asked 1 time: 1 allowed');
  await expect(banner(first)).toContainText('except payments-bot, which works again');
  await photograph(first, 'stop-resumed');

  await agent.isInjected();
  await expect(watched).toContainText('held again', { timeout: 60_000 });
  await expect(watched).toContainText('While it was watched an alert came');
  expect((await askToRead(agent)).status).toBe(423);
  await photograph(first, 'stop-held-again');
});

test('a viewer sees why they may not stop, and a key opens nothing', async ({ pageAs, tenant }) => {
  const page = await pageAs('viewer');
  await page.goto(`/t/${tenant.slug}/alerts`);
  const stop = page.getByRole('button', { name: 'Stop', exact: true });
  await expect(stop).toBeDisabled();
  await stop.hover();
  await expect(page.getByText(/Your roles do not allow you to stop agents/).first()).toBeVisible();
  await page.keyboard.press('Shift+!');
  await expect(stopDialog(page)).toHaveCount(0);
});

test('with twelve tabs open a stop goes out from the last one within a second', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(180_000);
  const agent = await tenant.agent('payments-bot');
  await agent.isInjected();
  const first = await pageAs('responder');
  await first.goto(`/t/${tenant.slug}`);
  const context = first.context();
  const streams = new Set<string>();
  context.on('request', (request) => {
    if (request.url().includes('live.changes')) streams.add(request.url());
  });
  const places = ['', '/alerts', '/traces', '/agents', '/stops', '/rules'];
  let last = first;
  for (let tab = 0; tab < 11; tab += 1) {
    last = await context.newPage();
    await last.goto(`/t/${tenant.slug}${places[tab % places.length]}`);
    await expect(last.getByText(/^live$/)).toBeVisible();
  }
  // Every tab has something to ask anew for while the stop goes out.
  const posting = Array.from({ length: 5 }, () => agent.isInjected());

  await pressUntil(last, 'Shift+!', stopDialog(last));
  await expect(holdButton(last)).toBeFocused();
  const placing = last.waitForRequest((request) => request.url().includes('stops.place'));
  await last.keyboard.down('Space');
  const pressedMs = Date.now();
  const request = await placing;
  const askedMs = Date.now();
  const response = await request.response();
  await last.keyboard.up('Space');
  await Promise.all(posting);
  expect(response?.status()).toBe(200);
  // With the time that it lay in the browser: behind twelve streams it would never have gone out.
  const { requestStart } = request.timing();
  expect(requestStart).toBeGreaterThanOrEqual(0);
  const sentMs = askedMs + requestStart;
  expect(sentMs - pressedMs - holdMs, 'from the end of the hold').toBeLessThan(1_000);
  await expect(stopDialog(last).getByText(/Confirmed at/)).toBeVisible();
  await expect(banner(first)).toBeVisible();
  // One stream for all of them; the first page's was opened before this listened.
  expect(streams.size).toBeLessThanOrEqual(1);
});
