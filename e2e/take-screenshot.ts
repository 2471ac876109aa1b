/** Makes the picture of the README from a running demo: `npm run screenshot`. */
import { join } from 'node:path';
import { launchBrowser } from '#server/testing/launch-browser.ts';
import { signInAt } from './sign-in-at.ts';
import { root, startServer } from './start-server.ts';

const server = await startServer();
const browser = await launchBrowser();
try {
  const page = await browser.newPage({
    viewport: { width: 1440, height: 900 },
    colorScheme: 'dark',
  });
  await signInAt(server.url, page, 'analyst@demo.example');
  await page.goto(`${server.url}/t/demo/alerts`);
  // The demo's own injection: the picture shows what a newcomer meets within a minute.
  const alert = page.getByRole('link', { name: /after injected instructions/ }).first();
  await alert.click({ timeout: 120_000 });
  await page.getByRole('link', { name: 'Open the root event' }).waitFor();
  await page.screenshot({ path: join(root, 'public', 'alerts.png') });
} finally {
  await browser.close();
  await server.stop();
}
