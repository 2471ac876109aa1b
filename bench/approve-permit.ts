import { randomUUID } from 'node:crypto';
import { availableParallelism } from 'node:os';
import type { Page } from '@playwright/test';
import { z } from 'zod';
import { links } from '#server/kernel/links.ts';
import { makeAgentKeys } from './agent-keys.ts';
import { openBrowser } from './browser.ts';
import { type Figure, note, percentile, rounded, noFloor } from './figure.ts';
import { signInPerson } from './person.ts';
import type { BenchTenant, Stack } from './stack.ts';

/** What is asked for, by the band that it falls into: the graver one asks for the password again. */
const asks = [
  {
    band: 'medium',
    approvals: 100,
    tool: 'move_file',
    args: { source: '/a.txt' },
    to: 'destination',
  },
  { band: 'high', approvals: 100, tool: 'write_file', args: { path: '/a.txt' }, to: 'content' },
] as const;
type Asked = (typeof asks)[number];

const waitSeconds = 30;
const patienceMs = 120_000;
const actionSchema = z.looseObject({
  id: z.string(),
  permit: z.string().nullable(),
  approval: z.looseObject({ id: z.string() }).nullable(),
  risk: z.looseObject({ band: z.string() }),
});

/** Asks for what one person has to confirm. */
async function askHeld(stack: Stack, key: string, asked: Asked) {
  const answer = await fetch(`${stack.url}/api/v1/actions`, {
    method: 'POST',
    headers: {
      authorization: `Bearer ${key}`,
      'content-type': 'application/json',
      'idempotency-key': randomUUID(),
    },
    body: JSON.stringify({
      tool: asked.tool,
      args: { ...asked.args, [asked.to]: `/${randomUUID()}` },
    }),
  });
  const action = actionSchema.parse(await answer.json());
  if (action.approval === null || action.risk.band !== asked.band) {
    throw new Error(`the action was not held as ${asked.band}`);
  }
  return { id: action.id, approvalId: action.approval.id };
}

/** Waits as an agent does; answers when it held the permit, in milliseconds since 1970. */
async function awaitPermit(stack: Stack, key: string, id: string): Promise<number> {
  for (const deadline = Date.now() + patienceMs; ;) {
    const answer = await fetch(`${stack.url}/api/v1/actions/${id}?wait=${waitSeconds}`, {
      headers: { authorization: `Bearer ${key}` },
    });
    const { permit } = actionSchema.parse(await answer.json());
    if (permit !== null) return performance.timeOrigin + performance.now();
    if (Date.now() > deadline) throw new Error('the agent was given no permit');
  }
}

/** Approves as a person does, and answers when the button was pressed, by the page's own clock. */
async function approve(
  page: Page,
  stack: Stack,
  tenant: BenchTenant,
  approvalId: string,
  password: string,
): Promise<number> {
  await page.goto(`${stack.url}${links.approval(tenant.slug, approvalId)}`);
  await page.getByRole('button', { name: 'Open the arguments' }).click();
  // Buttons that decide arm a moment after everything has come to rest; a click waits for that.
  await page.getByRole('button', { name: /^Approve once…/ }).click();
  const dialog = page.getByRole('dialog', { name: 'Approve once' });
  await dialog.getByLabel(/^Reason/).fill('bench');
  const again = dialog.getByLabel(/^Your password/);
  if ((await again.count()) > 0) await again.fill(password);
  const press = dialog.getByRole('button', { name: 'Approve once' });
  await press.click({ trial: true });
  await page.evaluate(() => {
    document.addEventListener(
      'click',
      () => {
        const pressedAt = performance.timeOrigin + performance.now();
        Object.assign(globalThis, { signalboxPressedAt: pressedAt });
      },
      { capture: true },
    );
  });
  await press.click();
  return page.evaluate(
    () => (globalThis as unknown as { signalboxPressedAt: number }).signalboxPressedAt,
  );
}

/**
 * From the press of Approve in an open browser to the permit in the hands of the agent that waits:
 * without a password, and with one, whose check alone takes tens of milliseconds of a processor.
 */
export async function benchApprovePermit(stack: Stack): Promise<Figure[]> {
  const tenant = await stack.makeTenant();
  const [key = ''] = await makeAgentKeys(stack, tenant, 1);
  const person = await signInPerson(stack, tenant, 'reviewer');
  const figures: Figure[] = [];
  for (const asked of asks) {
    const browser = await openBrowser(stack, person);
    const latenciesMs: number[] = [];
    try {
      for (let round = 0; round < asked.approvals; round += 1) {
        const { id, approvalId } = await askHeld(stack, key, asked);
        const permit = awaitPermit(stack, key, id);
        permit.catch((error: unknown) => note(String(error)));
        const pressedAt = await approve(browser.page, stack, tenant, approvalId, person.password);
        latenciesMs.push((await permit) - pressedAt);
      }
    } finally {
      await browser.close();
    }
    figures.push(figureOf(stack, asked, latenciesMs));
  }
  return figures;
}

function figureOf(stack: Stack, asked: Asked, latenciesMs: readonly number[]): Figure {
  const p99 = rounded(percentile(latenciesMs, 0.99));
  return {
    name: 'approve-permit',
    unit: 'ms',
    value: p99,
    p50: rounded(percentile(latenciesMs, 0.5)),
    p99,
    ...noFloor,
    params: {
      from: 'press of Approve in an open Chromium',
      to: 'permit held by the agent that waits',
      band: asked.band,
      passwordAgain: asked.band === 'high',
      approvals: asked.approvals,
      worst: rounded(Math.max(...latenciesMs)),
      cores: availableParallelism(),
      postgres: stack.postgresVersion,
    },
  };
}
