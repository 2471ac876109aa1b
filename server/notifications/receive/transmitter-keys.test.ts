import { beforeAll, describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import { mintTenantId, newId } from '#server/kernel/ids.ts';
import { makeTestTransmitter, type TestTransmitter } from '#server/testing/test-transmitter.ts';
import { createKeysOf } from './transmitter-keys.ts';

const world: { one?: TestTransmitter; two?: TestTransmitter } = {};
beforeAll(async () => {
  world.one = await makeTestTransmitter();
  world.two = await makeTestTransmitter();
});

/** An address of keys whose clock, answer and requests the test holds. */
function makeAddress() {
  const state = { nowMs: 0, asked: [] as string[], keys: [world.one?.publicKey], status: 200 };
  const keysOf = createKeysOf(
    async ({ method, url }) => {
      state.asked.push(`${method} ${url}`);
      return { status: state.status, body: JSON.stringify({ keys: state.keys }) };
    },
    () => state.nowMs,
  );
  const transmitter = {
    tenantId: mintTenantId(newId('tenant')),
    id: newId('transmitter'),
    name: 'IdP',
    issuer: 'https://idp.example',
    keys: null,
    keysUrl: 'https://idp.example/jwks',
  };
  const ask = async (kid: string | null | undefined = world.one?.publicKey.kid) =>
    (await keysOf(transmitter, kid ?? null)).map((key) => key.kid);
  return { state, keysOf, transmitter, ask };
}
const kid = (name: 'one' | 'two') => world[name]?.publicKey.kid;

describe('fetched keys', () => {
  it('are fetched when they are needed, once for all who need them, and again when they are old', async () => {
    const { state, ask } = makeAddress();
    expect(state.asked).toEqual([]);
    expect(await Promise.all([ask(), ask()])).toEqual([[kid('one')], [kid('one')]]);
    state.nowMs = limits.transmitterKeysFreshMs - 1;
    await ask();
    expect(state.asked).toEqual(['GET https://idp.example/jwks']);
    state.nowMs += 1;
    await Promise.all([ask(), ask()]);
    expect(state.asked).toHaveLength(2);
  });

  it('are fetched for a key that is new, and for one that strangers make up no more than now and then', async () => {
    const { state, ask } = makeAddress();
    await ask();
    state.keys = [world.one?.publicKey, world.two?.publicKey];
    expect(await ask(kid('two'))).toEqual([kid('one')]);
    state.nowMs = limits.transmitterKeysPauseMs;
    expect(await ask(kid('two'))).toEqual([kid('one'), kid('two')]);
    await Promise.all(['a', 'b', 'c'].map((made) => ask(made)));
    expect(state.asked).toHaveLength(2);
  });

  it('that cannot be fetched are none; those that still count are not lost by it', async () => {
    const { state, ask } = makeAddress();
    state.status = 503;
    await expect(ask()).rejects.toMatchObject({ code: 'store_unavailable' });
    state.nowMs += limits.transmitterKeysPauseMs;
    state.status = 200;
    expect(await ask()).toEqual([kid('one')]);
    state.nowMs += limits.transmitterKeysPauseMs;
    state.status = 503;
    expect(await ask('made up')).toEqual([kid('one')]);
    // Old keys do not live on by failing to be fetched.
    state.nowMs += limits.transmitterKeysFreshMs;
    await expect(ask()).rejects.toMatchObject({ code: 'store_unavailable' });
  });

  it('are never fetched for a transmitter whose keys are kept here', async () => {
    const { state, keysOf, transmitter } = makeAddress();
    const keys = [world.one?.publicKey].filter((key) => key !== undefined);
    expect(await keysOf({ ...transmitter, keys, keysUrl: null }, 'made up')).toEqual(keys);
    expect(state.asked).toEqual([]);
  });
});
