import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { expectAccessible, photograph } from './look.ts';

const text = (tool: string) => `title: Someone wires money
name: wires
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: ${tool} }
  condition: selection
level: high
tags: [owasp.asi02]
signalbox:
  response: stop
  tests:
    hits:
      - [{ gen_ai.tool.name: wire }]
      - [{ gen_ai.tool.name: wire, agent.slug: other }]
      - [{ gen_ai.tool.name: read }, { gen_ai.tool.name: wire }]
    misses:
      - [{ gen_ai.tool.name: read }]
      - [{ gen_ai.tool.name: wires }]
      - [{ event.kind: user_message }]
`;

const step = (page: Page, title: string) =>
  page.locator('section').filter({ has: page.getByRole('heading', { name: title, exact: true }) });

test('a rule is written, tested, backtested, shadowed, approved by another, fires, and is judged', async ({
  pageAs,
  tenant,
}) => {
  test.setTimeout(240_000);
  const agent = await tenant.agent('treasury-bot');
  const wires = async () => {
    agent.startTrace();
    await agent.does({ kind: 'tool_call', name: 'wire', input: { amount: 900 } });
  };
  await wires();
  await wires();
  await agent.does({ kind: 'tool_call', name: 'read' });
  const page = await pageAs('analyst');

  // Write it, from the list, with a slip that the server finds and its tests tell.
  await page.goto(`/t/${tenant.slug}/rules`);
  await page.getByRole('link', { name: 'New rule' }).click();
  const editor = page.getByRole('textbox', { name: 'Rule' });
  await expect(step(page, 'Tests').getByText('6 tests passed')).toBeVisible();
  await editor.fill(text('wire').replace('condition: selection', 'condition: selektion'));
  await expect(step(page, 'Tests').getByText(/^Line \d+:/)).toBeVisible();
  await expectAccessible(page);
  await photograph(page, 'workbench-problem');
  await editor.fill(text('other'));
  await expect(step(page, 'Tests').getByText('3 of 6 tests failed')).toBeVisible();
  await editor.fill(text('wire'));
  await expect(step(page, 'Tests').getByText('6 tests passed')).toBeVisible();

  await expect(step(page, 'Tests').getByText(/It stops the agent by itself/)).toBeVisible();

  // Backtest it before it is even saved.
  await step(page, 'Backtest').getByRole('button', { name: 'Run over' }).click();
  await expect(step(page, 'Backtest').getByText('Would have opened 2 alerts')).toBeVisible({
    timeout: 30_000,
  });
  await expect(step(page, 'Backtest').getByRole('link', { name: 'In the trace' })).toHaveCount(2);
  await expect(
    step(page, 'Backtest').getByText(/would have stopped 1 agent, 2 times/),
  ).toBeVisible();
  await photograph(page, 'workbench-backtest');

  // Save it, and run it in the shadow: logged, and nobody is told.
  await page.getByRole('button', { name: 'Save', exact: true }).click();
  await expect(page).toHaveURL(/rule=rul_/);
  await step(page, 'Shadow').getByRole('button', { name: 'Run in the shadow' }).click();
  await expect(step(page, 'Shadow').getByText('0 alerts it would have opened')).toBeVisible();
  await wires();
  await expect(step(page, 'Shadow').getByText('1 alert it would have opened')).toBeVisible({
    timeout: 20_000,
  });
  await expectAccessible(page);
  await photograph(page, 'workbench-shadow');
  const approve = page.getByRole('button', { name: 'Approve and enable' });
  await expect(approve).toHaveAttribute('aria-disabled', 'true');
  await expect(page.getByText('Only an administrator approves rules.').first()).toBeVisible();
  const address = page.url();

  // Approved by another.
  const admin = await pageAs('admin');
  await admin.goto(`/t/${tenant.slug}/alerts`);
  await expect(admin.getByText('Nothing needs you')).toBeVisible();
  await admin.goto(address);
  await admin.getByRole('button', { name: 'Approve and enable' }).click();
  await expect(admin.getByRole('button', { name: 'Approve and enable' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await expect(admin.getByText('This text runs already.').first()).toBeVisible();

  // It fires, is judged, and its record changes.
  await page.goto(`/t/${tenant.slug}/alerts`);
  await wires();
  await page.getByRole('link', { name: /Someone wires money/ }).click({ timeout: 30_000 });
  const byItself = page.getByRole('region', { name: 'By itself', exact: true });
  await expect(byItself).toContainText('The agent was stopped.');
  await expect(byItself.getByRole('button', { name: 'Undo' })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
  await photograph(page, 'alert-by-itself');
  await admin.goto(page.url());
  await admin
    .getByRole('region', { name: 'By itself', exact: true })
    .getByRole('button', { name: 'Undo' })
    .click();
  await expect(admin.getByText('It was undone.')).toBeVisible();
  await expect(admin.getByRole('region', { name: 'Standing stops' })).toHaveCount(0);
  await page.getByRole('button', { name: 'Resolve…' }).click();
  await page.getByLabel('False positive').check();
  await page.getByRole('button', { name: 'Resolve', exact: true }).click();
  await expect(page.getByText('Alert resolved')).toBeVisible();
  await page.goto(`/t/${tenant.slug}/rules`);
  await page.getByRole('textbox', { name: 'Look for rules' }).fill('wires money');
  await page.keyboard.press('Enter');
  await expect(page.getByRole('list', { name: 'Rules' }).getByRole('listitem')).toHaveCount(1);
  await page.getByRole('link', { name: /Someone wires money/ }).click();
  await expect(page.getByText('0 % of 1 alert judged')).toBeVisible();
  await expect(
    page.getByRole('listitem').filter({ hasText: /^Version 1, written by/ }),
  ).toContainText('approved by');
  await expectAccessible(page);
  await photograph(page, 'rule-judged');
});

test('a shipped rule is copied, and whoever only looks cannot write', async ({
  pageAs,
  tenant,
}) => {
  const page = await pageAs('analyst');
  await page.goto(`/t/${tenant.slug}/rules?q=injected-instructions`);
  await page.getByRole('link', { name: /Instructions to the agent inside returned/ }).click();
  await page.getByRole('link', { name: 'Filter its noise' }).click();
  await expect(step(page, 'What it filters')).toContainText('It would be put on 1 rule that runs.');
  await expect(page.getByRole('heading', { name: 'Backtest' })).toHaveCount(0);
  await photograph(page, 'workbench-filter');
  await page.goBack();
  await page.getByRole('link', { name: 'Copy and edit' }).click();
  await expect(page.getByRole('textbox', { name: 'Rule' })).toContainText('-copy');
  await expect(step(page, 'Tests').getByText(/tests passed/)).toBeVisible();
  const viewer = await pageAs('viewer');
  await viewer.goto(`/t/${tenant.slug}/rules/workbench`);
  await expect(viewer.getByRole('button', { name: 'Save', exact: true })).toHaveAttribute(
    'aria-disabled',
    'true',
  );
});
