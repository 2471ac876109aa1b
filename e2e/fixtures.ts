import { randomBytes } from 'node:crypto';
import {
  type Browser,
  type BrowserContext,
  expect,
  type Page,
  test as base,
} from '@playwright/test';
import { z } from 'zod';
import { createDb, type Db } from '#db/client.ts';
import type { KeyKind, Role } from '#db/enums.ts';
import { changeAgent } from '#server/agents/change-agent.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { listAgents } from '#server/agents/queries.ts';
import { addPerson } from '#server/auth/add-person.ts';
import { createTenant } from '#server/auth/create-tenant.ts';
import { commandLine } from '#server/cli/actor.ts';
import { openDatabase } from '#server/cli/open-database.ts';
import { tenantSeeders } from '#server/cli/tenant-seeders.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { readEnv } from '#server/kernel/env.ts';
import { FakeAgent } from './fake-agent.ts';
import { signInAt } from './sign-in-at.ts';
import { runVariables } from './start-run.ts';
import { root, testPassword } from './start-server.ts';

/** The Signalbox of this run. */
export interface RunServer {
  readonly url: string;
  readonly dataDir: string;
  /** The owner's login, to make tenants with; never to look at what a page should show. */
  readonly db: Db;
}

/** A tenant of one test, with people and agents made as they are asked for. */
export interface TestTenant {
  readonly slug: string;
  /** E-mail of the person with this role; everybody's password is `testPassword`. */
  readonly person: (role: Role) => Promise<string>;
  /** Another person with this role, by name. */
  readonly another: (role: Role, name: string) => Promise<string>;
  /** An agent with a key of its own, and its owner where one is named by e-mail. */
  readonly agent: (slug: string, ownerEmail?: string) => Promise<FakeAgent>;
  /** A key of another kind than an agent's. */
  readonly key: (kind: Exclude<KeyKind, 'agent' | 'enforcer'>) => Promise<string>;
}

interface TestFixtures {
  readonly tenant: TestTenant;
  /** Fills in the sign-in page and waits for the tenant's first page. */
  readonly signIn: (page: Page, email: string) => Promise<void>;
  /** A blank page of its own browser context, signed in as this role in the test's tenant. */
  readonly pageAs: (role: Role) => Promise<Page>;
  /** The same for one person, by e-mail. */
  readonly pageOf: (email: string) => Promise<Page>;
  /** Lets a console error pass that the test itself brings about. */
  readonly allowConsole: (pattern: RegExp) => void;
  readonly consoleWatch: ConsoleWatch;
}

/** What pages wrote to the console as an error, or threw. */
interface ConsoleWatch {
  readonly errors: string[];
  readonly allowed: RegExp[];
  readonly watch: (context: BrowserContext) => void;
}

async function makeTestTenant(server: RunServer): Promise<TestTenant> {
  const slug = `e2e-${randomBytes(5).toString('hex')}`;
  const { ctx } = await createTenant(server.db, commandLine(), { slug, name: slug }, tenantSeeders);
  const people = new Map<Role, Promise<string>>();
  const userIds = new Map<string, string>();
  const addOne = async (role: Role, name: string = role) => {
    const email = `${name}@${slug}.example`;
    const input = { email, name: `Test ${name}`, roles: [role], password: testPassword };
    userIds.set(email, (await addPerson(ctx, input)).userId);
    return email;
  };
  return {
    slug,
    person: (role) => {
      const made = people.get(role) ?? addOne(role);
      people.set(role, made);
      return made;
    },
    another: addOne,
    agent: async (agent, ownerEmail) => {
      const made = await makeAgent(ctx, server.url, agent);
      const ownerUserId = ownerEmail === undefined ? undefined : userIds.get(ownerEmail);
      if (ownerUserId !== undefined) {
        const { items } = await listAgents(ctx, { limit: 100, cursor: null, search: null });
        const id = items.find((one) => one.slug === agent)?.id ?? '';
        await changeAgent(ctx, { id, ownerUserId });
      }
      return made;
    },
    key: async (kind) => (await issueKey(ctx, { kind, name: `test ${kind}` })).key,
  };
}

async function makeAgent(ctx: Ctx, url: string, slug: string): Promise<FakeAgent> {
  const { key } = await issueKey(ctx, { kind: 'agent', name: `test ${slug}`, agent: slug });
  return new FakeAgent(url, key, slug);
}

async function openPage(browser: Browser, watch: ConsoleWatch, baseURL: string): Promise<Page> {
  const context = await browser.newContext({ baseURL });
  watch.watch(context);
  return context.newPage();
}

const wordsShownMax = 1000;

/** Where a page stood and what it told its reader: a failure alone seldom says why. */
async function whatItSays(page: Page): Promise<string> {
  const told = page.locator('[role="alert"]:visible, [role="dialog"]:visible');
  const words = (await told.allInnerTexts()).join(' | ').replaceAll(/\s+/g, ' ');
  return `${page.url()} said: ${words.slice(0, wordsShownMax)}`;
}

const csrfSchema = z.object({ csrfToken: z.string() });

/**
 * Signs a context in at the door that the sign-in page posts to. The page itself, and the first page
 * that it leads to, are looked at by the tests of signing in: the others need neither.
 */
async function signInAtTheDoor(context: BrowserContext, email: string): Promise<void> {
  const csrf = await context.request.get('/api/auth/csrf');
  const { csrfToken } = csrfSchema.parse(await csrf.json());
  const form = { email, password: testPassword, csrfToken, callbackUrl: '/', json: 'true' };
  const answer = await context.request.post('/api/auth/callback/credentials', { form });
  expect(await answer.text(), `${email} signs in`).not.toMatch(/error=|csrf=/);
  expect(answer.status()).toBe(200);
}

export const test = base.extend<TestFixtures, { server: RunServer }>({
  server: [
    async ({ browserName }, provide) => {
      const url = process.env[runVariables.url] ?? '';
      const dataDir = process.env[runVariables.dataDir] ?? '';
      const env = readEnv({ NODE_ENV: 'test', SIGNALBOX_DATA_DIR: dataDir, SIGNALBOX_ROOT: root });
      const database = await openDatabase(env, `e2e-${browserName}`);
      const db = createDb(database.urls.owner, { connectionsMax: 2 });
      await provide({ url, dataDir, db });
      await db.$client.end({ timeout: 5 });
      await database.close();
    },
    { scope: 'worker' },
  ],

  baseURL: ({ server }, provide) => provide(server.url),

  consoleWatch: [
    async ({ context }, provide) => {
      const errors: string[] = [];
      const allowed: RegExp[] = [];
      const watch = (watched: BrowserContext) => {
        watched.on('console', (message) => {
          if (message.type() !== 'error') return;
          errors.push(`${message.text()} (${message.location().url})`);
        });
        watched.on('weberror', (error) =>
          errors.push(error.error().stack ?? String(error.error())),
        );
      };
      watch(context);
      await provide({ errors, allowed, watch });
      const unexpected = errors.filter((text) => !allowed.some((pattern) => pattern.test(text)));
      expect(unexpected, 'nothing is written to the console as an error').toEqual([]);
    },
    { auto: true },
  ],

  allowConsole: ({ consoleWatch }, provide) =>
    provide((pattern) => void consoleWatch.allowed.push(pattern)),

  tenant: async ({ server }, provide) => provide(await makeTestTenant(server)),

  signIn: ({ server }, provide) => provide((page, email) => signInAt(server.url, page, email)),

  pageOf: async ({ browser, consoleWatch, server }, provide, info) => {
    const opened: Page[] = [];
    await provide(async (email) => {
      const page = await openPage(browser, consoleWatch, server.url);
      opened.push(page);
      await signInAtTheDoor(page.context(), email);
      return page;
    });
    const isFailed = info.status !== info.expectedStatus;
    for (const page of opened) {
      if (isFailed) process.stderr.write(`${await whatItSays(page)}\n`);
      await page.context().close();
    }
  },

  pageAs: ({ pageOf, tenant }, provide) =>
    provide(async (role) => pageOf(await tenant.person(role))),
});

export { expect } from '@playwright/test';
