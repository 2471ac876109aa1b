import { once } from 'node:events';
import { createServer } from 'node:net';

/** A port of `host` that was free a moment ago. @throws Error when none is. */
export async function findFreePort(host: string): Promise<number> {
  const probe = createServer();
  probe.listen(0, host);
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port is free');
  return address.port;
}
