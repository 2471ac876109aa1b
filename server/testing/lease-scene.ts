import type { z } from 'zod';
import { issueKey } from '#server/agents/issue-key.ts';
import { authenticateKey } from '#server/auth/authenticate-key.ts';
import { addCredential } from '#server/credentials/add-credential.ts';
import { addCredentialInput, leaseInput, type LeaseInput } from '#server/credentials/contract.ts';
import { introspectToken } from '#server/credentials/introspect-token.ts';
import { issueLease } from '#server/credentials/issue-lease.ts';
import { createLocalKeyManagement } from '#server/credentials/key-management.ts';
import { createMarkKeys } from '#server/credentials/outside/mark-key.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { TestBed } from './database.ts';
import { cliActor, makeCtx, makePerson, makeTenant } from './factories.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';
import { testMasterKey, testPermitKey } from './hold-tools.ts';

export const testKeyManagement = createLocalKeyManagement(testMasterKey);
export const testBrokerTools = {
  keyManagement: testKeyManagement,
  markKeyOf: createMarkKeys(testMasterKey),
};
/** As `makeHoldTools` has them, so that a test's server takes what a scene took. */
export const testLeaseTools = {
  permitKey: await createPermitKey(testPermitKey),
  issuer: 'http://127.0.0.1',
};
/** Of every credential that a scene makes, unless it says another. */
export const sceneSecret = 'ghp_scene-secret-that-is-never-shown';

/** A tenant with an agent and an enforcer under real keys, and a credential that the agent holds. */
export async function makeLeaseScene(bed: TestBed) {
  const tenant = await makeTenant(bed);
  const cli = makeCtx(bed.app, tenant.id, cliActor);
  const admin = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['admin']));
  const responder = makeCtx(bed.app, tenant.id, await makePerson(bed, tenant.id, ['responder']));
  /** A key as it is, and as the door knows its holder. */
  const keyOf = async (change: Partial<Parameters<typeof issueKey>[1]>) => {
    const made = await issueKey(cli, { kind: 'agent', name: 'key', agent: 'payer', ...change });
    const standing = await authenticateKey(bed.app, `Bearer ${made.key}`);
    const ctx: Ctx = { ...standing, db: bed.app, requestId: 'req-lease' };
    return { ...made, ctx, agent: standing.actor.agent };
  };
  const payer = await keyOf({});
  const enforcer = await keyOf({ kind: 'enforcer', agent: null, tools: ['read_file'] });
  const add = (change: Partial<z.input<typeof addCredentialInput>> = {}) =>
    addCredential(
      admin,
      testBrokerTools,
      addCredentialInput.parse({
        name: 'files',
        tool: 'read_file',
        kind: 'api_key',
        secret: sceneSecret,
        scopes: ['read', 'list'],
        holders: ['payer'],
        ...change,
      }),
    );
  const credential = await add();
  const wish = (change: Partial<LeaseInput> = {}) =>
    leaseInput.parse({ tool: 'read_file', scopes: ['read'], ...change });
  const take = (ctx: Ctx = payer.ctx, change: Partial<LeaseInput> = {}) =>
    issueLease(ctx, testLeaseTools, wish(change));
  /** What the tool's side is told of a token. */
  const ask = (token: string, ctx: Ctx = enforcer.ctx) =>
    introspectToken(ctx, testLeaseTools, token);
  return {
    tenant,
    cli,
    admin,
    responder,
    keyOf,
    payer,
    enforcer,
    add,
    credential,
    wish,
    take,
    ask,
  };
}
