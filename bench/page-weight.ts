import { pagePaths, weighPage } from '../e2e/page-weight.ts';
import { openBrowser } from './browser.ts';
import { waitUntilCaughtUp } from './caught-up.ts';
import { type Figure, rounded, noFloor } from './figure.ts';
import { runLoad } from './load.ts';
import { signInPerson } from './person.ts';
import { firstTraceOf } from './span-batches.ts';
import type { Stack } from './stack.ts';

const inKilobytes = (bytes: number): number => Math.round(bytes / 100) / 10;

/** Script of every route in a real Chromium with an empty cache; the value is the heaviest one. */
export async function benchPageWeight(stack: Stack): Promise<Figure[]> {
  const tenant = await stack.makeTenant();
  const person = await signInPerson(stack, tenant, 'admin');
  const load = await runLoad(stack, tenant, { batches: 1, spans: 100, connections: 1 });
  await waitUntilCaughtUp(stack.admin, tenant.uuid);
  const signedIn = await openBrowser(stack, person);
  const routes: Record<string, { scriptKb: number; laterKb: number; files: number }> = {};
  const bytes: number[] = [];
  try {
    const browser = signedIn.page.context().browser();
    if (!browser) throw new Error('the browser is gone');
    const weighOne = async (name: string, path: string): Promise<void> => {
      const from = name === '/login' ? null : signedIn.page.context();
      const weight = await weighPage(browser, from, `${stack.url}${path}`);
      bytes.push(weight.scriptBytes);
      routes[name] = {
        scriptKb: inKilobytes(weight.scriptBytes),
        laterKb: inKilobytes(weight.laterBytes),
        files: weight.files,
      };
    };
    await weighOne('/login', '/login');
    for (const path of pagePaths) await weighOne(path || '/', `/t/${tenant.slug}${path}`);
    await weighOne('/traces/…', `/t/${tenant.slug}/traces/${firstTraceOf(load.run)}`);
  } finally {
    await signedIn.close();
  }
  return [
    {
      name: 'page-weight',
      unit: 'kB gzip',
      value: rounded(Math.max(...bytes) / 1000),
      p50: null,
      p99: null,
      ...noFloor,
      params: { value: 'heaviest route without charts and editor', routes },
    },
  ];
}
