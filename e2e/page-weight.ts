import { gzipSync } from 'node:zlib';
import type { Browser, BrowserContext, Response } from '@playwright/test';

/** Script that one page loads into an empty cache, as gzip would send it. */
export interface PageWeight {
  /** What the page needs to be read and used, bytes. */
  readonly scriptBytes: number;
  /** What draws charts and the editor: it comes after the page, into boxes of its size. Bytes. */
  readonly laterBytes: number;
  readonly files: number;
}

/** Class names of recharts and of CodeMirror, which no other script knows. */
const laterMarks = ['recharts-surface', 'cm-scroller'];

/** Nothing has been loaded for this long: what a page loads by itself has come. */
const quietMs = 700;

interface Weight {
  readonly bytes: number;
  readonly isLater: boolean;
}

/** By address: pages share most of their files, which are named by their content. */
const known = new Map<string, Promise<Weight>>();

async function weigh(response: Response): Promise<Weight> {
  const body = await response.body();
  return { bytes: gzipSync(body).length, isLater: laterMarks.some((mark) => body.includes(mark)) };
}

/**
 * Opens a page in a context of its own, with the cookies of `from`, and weighs every script that it
 * loads until it is quiet, with what it loads ahead for other pages.
 */
export async function weighPage(
  browser: Browser,
  from: BrowserContext | null,
  url: string,
): Promise<PageWeight> {
  const context = await browser.newContext(
    from === null ? {} : { storageState: await from.storageState() },
  );
  try {
    const page = await context.newPage();
    const scripts = new Map<string, Promise<Weight>>();
    page.on('response', (response) => {
      if (response.request().resourceType() !== 'script') return;
      const address = response.url();
      const weight = known.get(address) ?? weigh(response);
      known.set(address, weight);
      scripts.set(address, weight);
    });
    await page.goto(url);
    await page.waitForFunction((quiet) => {
      const loaded = performance.getEntriesByType('resource') as PerformanceResourceTiming[];
      const last = Math.max(0, ...loaded.map((entry) => entry.responseEnd));
      return document.readyState === 'complete' && performance.now() - last > quiet;
    }, quietMs);
    const weighed = await Promise.all(scripts.values());
    const sum = (isLater: boolean) =>
      weighed.reduce((bytes, one) => bytes + (one.isLater === isLater ? one.bytes : 0), 0);
    return { scriptBytes: sum(false), laterBytes: sum(true), files: weighed.length };
  } finally {
    await context.close();
  }
}

/** Every page of a tenant below `/t/<tenant>`; a trace's comes beside them. */
export const pagePaths = [
  '',
  '/approvals',
  '/alerts',
  '/traces',
  '/agents',
  '/stops',
  '/stops/drills',
  '/rules',
  '/rules/workbench',
  '/credentials',
  '/audit',
  '/connect',
  '/settings/account',
  '/settings/people',
  '/settings/keys',
  '/settings/tools',
  '/settings/canaries',
  '/settings/channels',
  '/settings/transmitters',
] as const;
