import { describe, expect, it } from 'vitest';
import { readSignIn } from '#server/auth/read-sign-in.ts';
import { readCredential } from '#server/credentials/queries.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { makeSignIn } from '#server/testing/authorisation-targets.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import {
  makeAgent,
  makeCtx,
  makePerson,
  makeTenant,
  systemActor,
} from '#server/testing/factories.ts';
import { makeRevocationScene } from '#server/testing/revocation-scene.ts';
import { credentialChange, sessionRevoked } from '#server/testing/test-transmitter.ts';
import { addTransmitter } from './add-transmitter.ts';
import type { TransmitterInput } from './contract.ts';
import { listReceivedEvents, listTransmitters } from './queries.ts';
import { readEvent } from './read-event.ts';
import { receiveEvent } from './receive-event.ts';
import { removeTransmitter } from './remove-transmitter.ts';

const bed = openTestDatabase();
const issuer = 'http://127.0.0.1';
const opaque = (id: string) => ({ format: 'opaque', id });
const emailOf = (email: string) => ({ format: 'email', email });
const inputOf = (name: string): TransmitterInput => ({
  from: 'fetched',
  name,
  issuer: 'https://idp.example',
  keysUrl: 'https://idp.example/jwks',
});

/** A tenant with an agent, credentials, and a transmitter whose verified events are received. */
async function makeScene() {
  const scene = await makeRevocationScene(bed, []);
  const { id } = await addTransmitter(scene.admin, new Set(), inputOf('IdP'));
  const system = makeCtx(bed.app, scene.tenant.id, { type: 'system', name: 'transmitter IdP' });
  const nowMs = Date.now();
  const receive = (
    events: object,
    subject: unknown,
    change: { jti?: string; ageMs?: number } = {},
    ctx = system,
  ) => {
    const [[type, payload] = ['', {}]] = Object.entries(events);
    const { jti = crypto.randomUUID(), ageMs = 0 } = change;
    const token = { jti, issuedAtMs: nowMs - ageMs, type, payload, subject };
    const event = readEvent(token).value;
    if (event === null) throw new Error('no event');
    return receiveEvent(ctx, { transmitter: { id, name: 'IdP' }, token, event, issuer }, nowMs);
  };
  const last = async () => (await listReceivedEvents(scene.admin))[0];
  const audited = async (action: string, tenantId = scene.tenant.id) =>
    bed.admin`select actor_label, cause, detail from audit_log
      where tenant_id = ${uuidOf(tenantId)} and action = ${action}`;
  return { ...scene, transmitterId: id, system, receive, last, audited };
}

/** A person of a tenant who is signed in. */
async function signIn(tenantId: Awaited<ReturnType<typeof makeTenant>>['id']) {
  const actor = await makePerson(bed, tenantId, ['viewer']);
  if (actor.type !== 'person') throw new Error('a person expected');
  const { id } = await makeSignIn(bed, actor.userId);
  const isSignedIn = async () => (await readSignIn(bed.app, id, { isActivity: false })) !== null;
  return { ...actor, isSignedIn };
}

describe('a revoked session', () => {
  it('of an agent ends its leases, and says how many', async () => {
    const { ask, audited, last, payer, receive, take, keyOf } = await makeScene();
    const other = await keyOf({ agent: 'reader' });
    const [one, two] = [await take(), await take()];
    expect(await ask(one.token)).toMatchObject({ active: true });
    expect(await receive(sessionRevoked, opaque('payer'))).toBe(true);
    expect(await ask(one.token)).toEqual({ active: false });
    expect(await ask(two.token)).toEqual({ active: false });
    expect(await last()).toMatchObject({
      transmitter: 'IdP',
      outcome: 'confirmed',
      says: 'Ended 2 leases.',
      target: 'agent',
      targetId: 'payer',
    });
    expect(await audited('lease.ended')).toMatchObject([
      { actor_label: 'transmitter IdP', cause: 'session_revoked' },
      { cause: 'session_revoked' },
    ]);
    const own = { format: 'iss_sub', iss: issuer, sub: payer.agent?.id };
    await receive(sessionRevoked, own);
    expect(await last()).toMatchObject({ outcome: 'nothing', says: 'It held no live lease.' });
    await receive(sessionRevoked, opaque(other.agent?.id ?? ''));
    expect(await last()).toMatchObject({ outcome: 'nothing', targetId: 'reader' });
  });

  it('of one run ends the leases of that run', async () => {
    const { ask, last, receive, take, tenant } = await makeScene();
    const [inRun, outside] = [await take(), await take()];
    await bed.admin`update leases set session_id = 'run-7' where id = ${uuidOf(inRun.id)}`;
    const run = (agent: string, session: string) => ({
      format: 'complex',
      tenant: opaque(tenant.id),
      application: opaque(agent),
      session: opaque(session),
    });
    await receive(sessionRevoked, run('payer', 'run-8'));
    expect(await last()).toMatchObject({ outcome: 'nothing' });
    await receive(sessionRevoked, run('payer', 'run-7'));
    expect(await last()).toMatchObject({ outcome: 'confirmed', says: 'Ended 1 lease.' });
    expect(await ask(inRun.token)).toEqual({ active: false });
    expect(await ask(outside.token)).toMatchObject({ active: true });
  });

  it('of a person ends their sign-ins, whatever the case of the address, and nobody else’s', async () => {
    const { audited, last, receive, tenant } = await makeScene();
    const [ada, bob] = [await signIn(tenant.id), await signIn(tenant.id)];
    const elsewhere = await makeTenant(bed);
    await bed.admin`insert into memberships (tenant_id, user_id, roles)
      values (${uuidOf(elsewhere.id)}, ${uuidOf(ada.userId)}, '{viewer}')`;
    await receive(sessionRevoked, emailOf(ada.email.toUpperCase()));
    expect([await ada.isSignedIn(), await bob.isSignedIn()]).toEqual([false, true]);
    expect(await last()).toMatchObject({
      outcome: 'confirmed',
      says: 'Ended 1 sign-in.',
      target: 'person',
      targetId: ada.userId,
    });
    expect(await audited('sign_in.ended')).toMatchObject([{ actor_label: 'transmitter IdP' }]);
    // Their other tenant learns that it ended, and nothing of who told whom.
    const [row] = await audited('sign_in.ended', elsewhere.id);
    expect(row).toMatchObject({ actor_label: 'system:security-events', cause: 'session_revoked' });
    expect(JSON.stringify(row)).not.toContain('IdP');
    await receive(sessionRevoked, emailOf(ada.email));
    expect(await last()).toMatchObject({ outcome: 'nothing', says: 'They were not signed in.' });
  });
});

describe('a changed credential', () => {
  it.each(['revoke', 'delete'])(
    'starts its revocation, which is confirmed on proof: %s',
    async (change) => {
      const { admin, credential, last, receive, work } = await makeScene();
      const own = { format: 'iss_sub', iss: issuer, sub: credential.id };
      await receive(credentialChange(change), own);
      expect(await last()).toMatchObject({
        outcome: 'requested',
        target: 'credential',
        targetId: credential.id,
      });
      const { revocations } = await readCredential(admin, credential.id);
      expect(revocations.length).toBeGreaterThan(0);
      expect(JSON.stringify(revocations)).toContain('Told by IdP: it gave no reason');
      await receive(credentialChange(change), own);
      expect(await last()).toMatchObject({ says: 'It was being revoked already.' });
      // Where it was made, nobody here can look.
      await work();
      expect(await last()).toMatchObject({ outcome: 'requested' });
      await bed.admin`update revocations set state = 'verified'
      where credential_id = ${uuidOf(credential.id)}`;
      expect(await last()).toMatchObject({ outcome: 'confirmed' });
    },
  );

  it('is found by its provider’s name of it, where only one is called so', async () => {
    const { add, last, receive } = await makeScene();
    const { id } = await add({ name: 'a', externalRef: 'database/creds/app/1' });
    await receive(credentialChange('revoke'), opaque('database/creds/app/1'));
    expect(await last()).toMatchObject({ outcome: 'requested', targetId: id });
    await add({ name: 'b', externalRef: 'shared' });
    await add({ name: 'c', externalRef: 'shared' });
    await receive(credentialChange('revoke'), opaque('shared'));
    expect(await last()).toMatchObject({ outcome: 'nothing', target: null });
  });

  it.each(['create', 'update'])('that lives is left alone: %s', async (change) => {
    const { admin, credential, last, receive } = await makeScene();
    await receive(credentialChange(change), opaque(credential.id));
    expect(await last()).toMatchObject({ outcome: 'nothing', target: null });
    expect((await readCredential(admin, credential.id)).revocations).toEqual([]);
  });
});

describe('an event', () => {
  it('that was had does nothing twice, though it comes at the same moment', async () => {
    const { ask, audited, receive, take } = await makeScene();
    await take();
    const jti = 'the same';
    const pushed = [1, 2, 3, 4].map(() => receive(sessionRevoked, opaque('payer'), { jti }));
    expect((await Promise.all(pushed)).filter(Boolean)).toHaveLength(1);
    expect(await audited('security_event.received')).toHaveLength(1);
    expect(await audited('lease.ended')).toHaveLength(1);
    const later = await take();
    expect(await receive(sessionRevoked, opaque('payer'), { jti })).toBe(false);
    expect(await ask(later.token)).toMatchObject({ active: true });
  });

  it.each<[string, object, unknown, string]>([
    ['of a type that is not acted on', { 'urn:other': {} }, opaque('payer'), 'not_understood'],
    ['about nobody here', sessionRevoked, opaque('nobody'), 'nothing'],
    ['about a stranger', sessionRevoked, emailOf('stranger@example.test'), 'nothing'],
    [
      'about more than it may end',
      sessionRevoked,
      { format: 'complex', group: opaque('g') },
      'not_understood',
    ],
  ])('%s is kept, and does nothing', async (_name, events, subject, outcome) => {
    const { ask, audited, last, receive, take } = await makeScene();
    const { token } = await take();
    await receive(events, subject);
    expect(await last()).toMatchObject({ outcome, target: null });
    expect(await ask(token)).toMatchObject({ active: true });
    expect(await audited('security_event.received')).toMatchObject([{ detail: { outcome } }]);
  });

  it('that is older than a week does nothing', async () => {
    const { ask, last, receive, take } = await makeScene();
    const { token } = await take();
    const ageMs = limits.securityEventAgeMsMax + 1;
    await receive(sessionRevoked, opaque('payer'), { ageMs });
    expect(await last()).toMatchObject({ outcome: 'nothing' });
    expect(await ask(token)).toMatchObject({ active: true });
  });

  it('about what is another tenant’s does nothing there', async () => {
    const [here, there] = [await makeScene(), await makeScene()];
    const { token } = await there.take();
    const person = await signIn(there.tenant.id);
    const agent = await makeAgent(bed, there.tenant.id, 'only-there');
    await here.receive(sessionRevoked, opaque(there.payer.agent?.id ?? ''));
    await here.receive(sessionRevoked, opaque(agent.slug));
    await here.receive(sessionRevoked, emailOf(person.email));
    await here.receive(credentialChange('revoke'), opaque(there.credential.id));
    const events = await listReceivedEvents(here.admin);
    expect(events.map(({ outcome }) => outcome)).toEqual(Array(4).fill('nothing'));
    expect(await there.ask(token)).toMatchObject({ active: true });
    expect(await person.isSignedIn()).toBe(true);
    expect((await readCredential(there.admin, there.credential.id)).revocations).toEqual([]);
    expect(await listReceivedEvents(there.admin)).toEqual([]);
  });

  it('is applied for nobody but a transmitter', async () => {
    const { admin, receive } = await makeScene();
    await expect(receive(sessionRevoked, opaque('payer'), {}, admin)).rejects.toMatchObject({
      code: 'forbidden',
    });
  });
});

describe('a transmitter', () => {
  it('is added and removed by an administrator alone, and its events stay', async () => {
    const { admin, audited, receive, responder, transmitterId } = await makeScene();
    await receive(sessionRevoked, opaque('payer'));
    const refused = { code: 'forbidden' };
    await expect(addTransmitter(responder, new Set(), inputOf('x'))).rejects.toMatchObject(refused);
    await expect(removeTransmitter(responder, transmitterId)).rejects.toMatchObject(refused);
    const stranger = makeCtx(bed.app, (await makeTenant(bed)).id, admin.actor);
    const missing = { code: 'not_found' };
    await expect(removeTransmitter(stranger, transmitterId)).rejects.toMatchObject(missing);
    await expect(removeTransmitter(admin, newId('transmitter'))).rejects.toMatchObject(missing);
    expect(await listTransmitters(responder, issuer)).toMatchObject({
      audience: issuer,
      items: [
        {
          name: 'IdP',
          address: `${issuer}/api/v1/security-events/${transmitterId}`,
          keys: null,
          keysUrl: 'https://idp.example/jwks',
          lastAt: expect.stringMatching(/^\d{4}-.*Z$/) as string,
        },
      ],
    });
    await removeTransmitter(admin, transmitterId);
    await expect(removeTransmitter(admin, transmitterId)).rejects.toMatchObject(missing);
    expect((await listTransmitters(admin, issuer)).items).toEqual([]);
    expect(await listReceivedEvents(admin)).toHaveLength(1);
    expect(await audited('transmitter.added')).toHaveLength(1);
    expect(await audited('transmitter.removed')).toHaveLength(1);
    const viewer = makeCtx(
      bed.app,
      admin.tenantId,
      await makePerson(bed, admin.tenantId, ['viewer']),
    );
    await expect(listReceivedEvents(viewer)).rejects.toMatchObject(refused);
  });

  it.each<[string, Partial<TransmitterInput>]>([
    ['plain http', { from: 'fetched', keysUrl: 'http://idp.example/jwks' }],
    ['a password in the address', { from: 'fetched', keysUrl: 'https://a:b@idp.example/jwks' }],
    ['keys that are none', { from: 'pasted', keys: '{"keys":[]}' }],
  ])('is refused with %s', async (_name, change) => {
    const { admin } = await makeScene();
    const input = { ...inputOf('x'), ...change } as TransmitterInput;
    await expect(addTransmitter(admin, new Set(), input)).rejects.toMatchObject({
      code: 'unprocessable',
    });
  });

  it('is refused beyond as many as a tenant may have', async () => {
    const { admin, tenant } = await makeScene();
    await bed.admin`insert into transmitters (tenant_id, id, name, issuer, created_by)
      select ${uuidOf(tenant.id)}, gen_random_uuid(), 'x', 'x', 'test'
      from generate_series(2, ${limits.transmittersMax})`;
    await expect(addTransmitter(admin, new Set(), inputOf('x'))).rejects.toThrow(/at most/);
  });
});

it('what came is read by people alone', async () => {
  const { tenant } = await makeScene();
  const worker = makeCtx(bed.worker, tenant.id, systemActor);
  await expect(listReceivedEvents(worker)).rejects.toMatchObject({ code: 'forbidden' });
});
