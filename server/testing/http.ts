import { afterAll, beforeAll } from 'vitest';
import { startWeb, type Web } from '#server/http/main.ts';
import type { Services } from '#server/kernel/services.ts';
import type { TestBed } from './database.ts';
import { makeServices } from './make-services.ts';

export interface TestWeb {
  readonly web: Web;
  readonly services: Services;
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
}

/** The machine plane over real HTTP for the tests of this file; pages are left to the browser tests. */
export function openTestWeb(bed: TestBed): TestWeb {
  const holder: { made: TestWeb | null } = { made: null };
  beforeAll(async () => {
    const services = makeServices(bed);
    const web = await startWeb({ services, host: '127.0.0.1', port: 0, hasPages: false });
    holder.made = { web, services, url: `http://127.0.0.1:${web.port}` };
  });
  afterAll(async () => {
    await holder.made?.web.close();
    // Bounded: a connection that Postgres ended, and that nobody used since, is waited for in vain.
    await holder.made?.services.db.$client.end({ timeout: 2 });
  });
  return new Proxy({} as TestWeb, {
    get: (_target, key) => {
      if (!holder.made) throw new Error('the server is there only inside tests');
      return holder.made[key as keyof TestWeb];
    },
  });
}
