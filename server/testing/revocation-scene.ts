import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { addProvider } from '#server/credentials/add-provider.ts';
import { type AddProviderInput, addProviderInput } from '#server/credentials/contract.ts';
import { revokeCredential } from '#server/credentials/revoke-credential.ts';
import { createRevokeWorker } from '#server/credentials/revoke-worker.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { createLog } from '#server/kernel/log.ts';
import type { TestBed } from './database.ts';
import { makeLeaseScene, testBrokerTools } from './lease-scene.ts';

/** A provider of a test, on the loopback interface. */
export interface TestProvider {
  /** `127.0.0.1:<port>` */
  readonly host: string;
  readonly url: string;
  readonly close: () => Promise<void>;
}

export type Answer = (request: IncomingMessage, body: string, response: ServerResponse) => void;

export async function serveProvider(answer: Answer): Promise<TestProvider> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => answer(request, Buffer.concat(chunks).toString(), response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((done) => {
      server.close(() => done());
      server.closeAllConnections();
    });
  return { host, url: `http://${host}`, close };
}

/** What a stub of OpenBao's lease API does: written from the published API, not the product. */
export interface VaultStub extends TestProvider {
  readonly leases: Set<string>;
  /** Every path that was asked, with its lease. */
  readonly asked: string[];
  /** Set to break it: the status that everything is answered with. */
  broken: number | null;
}

export async function serveVaultStub(token: string, leases: readonly string[]): Promise<VaultStub> {
  const state: { leases: Set<string>; asked: string[]; broken: number | null } = {
    leases: new Set(leases),
    asked: [],
    broken: null,
  };
  const served = await serveProvider((request, body, response) => {
    const send = (status: number, value: object | null) =>
      response
        .writeHead(status, { 'content-type': 'application/json' })
        .end(value === null ? '' : JSON.stringify(value));
    if (state.broken !== null) return send(state.broken, { errors: ['broken'] });
    if (request.headers['x-vault-token'] !== token)
      return send(403, { errors: ['permission denied'] });
    const { lease_id: lease = '' } = JSON.parse(body) as { lease_id?: string };
    state.asked.push(`${request.url ?? ''} ${lease}`);
    const isThere = state.leases.has(lease);
    if (request.url === '/v1/sys/leases/lookup') {
      return isThere
        ? send(200, { data: { id: lease } })
        : send(400, { errors: ['invalid lease'] });
    }
    if (request.url === '/v1/sys/leases/revoke') {
      state.leases.delete(lease);
      return send(204, null);
    }
    return send(404, { errors: [] });
  });
  return Object.assign(state, served);
}

/** A lease scene with a provider and the worker that revokes there. */
export async function makeRevocationScene(bed: TestBed, innerHosts: readonly string[]) {
  const scene = await makeLeaseScene(bed);
  const tools = { ...testBrokerTools, innerHosts: new Set(innerHosts) };
  const log = createLog('fatal', 'test');
  const worker = createRevokeWorker({ db: bed.worker, log, tools });
  const addAt = (name: string, settings: AddProviderInput['settings'], secret: string) =>
    addProvider(scene.admin, tools, addProviderInput.parse({ name, settings, secret }));
  const revoke = (id: string) => revokeCredential(scene.responder, { id, reason: 'leaked' });
  /** Works until nothing is due; what waits for its next attempt is made due when `isHurried`. */
  const work = async (isHurried = false): Promise<void> => {
    for (let round = 0; round < 40; round += 1) {
      if (isHurried) {
        await bed.admin`update revocations set next_attempt_at = clock_timestamp()
          where tenant_id = ${uuidOf(scene.tenant.id)} and next_attempt_at is not null`;
      }
      const begun = await worker.pass();
      await worker.settle();
      if (begun === 0) return;
    }
    throw new Error('the revocations never came to an end');
  };
  const revocationOf = async (credentialId: string, target: 'leases' | 'provider' = 'provider') => {
    const [row] =
      await bed.admin`select r.*, (select json_agg(s.step || ' ' || s.verdict order by s.at)
        from revocation_steps s where s.revocation_id = r.id) as ladder
      from revocations r where r.credential_id = ${uuidOf(credentialId)} and r.target = ${target}`;
    if (!row) throw new Error('nothing is revoked of it');
    return row as unknown as {
      id: string;
      state: string;
      says: string;
      attempts: number;
      ladder: string[];
      last_valid_at: Date | null;
      verified_at: Date | null;
      sent_at: Date | null;
      next_attempt_at: Date | null;
    };
  };
  return { ...scene, tools, worker, addAt, revoke, work, revocationOf };
}
