import { canonicalize as judge } from 'json-canonicalize';
import { describe, expect, it } from 'vitest';
import { limits } from '#server/kernel/limits.ts';
import {
  createDice,
  makeArguments,
  mutate,
  spell,
  type Value,
} from '#server/testing/json-spellings.ts';
import {
  boundArguments,
  canonicalise,
  canonicaliseArguments,
  type JsonObject,
} from './canonicalise.ts';
import { type Binding, bindingDigest, bindingText, fingerprintOf, schemaDigest } from './digest.ts';
import { parseExactJson } from './parse-exact-json.ts';
import vectors from './vectors.json' with { type: 'json' };

const rounds = 2000;
const seed = 20_261_122;

const binding: Binding = {
  tenantId: 'ten_01kan2x0q6fyxrm8s3v4t5w6z7',
  agentId: 'agt_01kan2x0q6fyxrm8s3v4t5w6z8',
  actionId: 'act_01kan2x0q6fyxrm8s3v4t5w6z9',
  tool: 'send_money',
  schema: schemaDigest(null),
  nonce: 'AAECAwQFBgcICQoLDA0ODw',
  args: { amount: 100 },
  plan: null,
};

describe('the published vectors', () => {
  it.each(vectors)('$name', (vector) => {
    expect(schemaDigest(vector.schema)).toBe(vector.binding.schema);
    expect(bindingText(vector.binding as Binding)).toBe(vector.canonical);
    expect(bindingDigest(vector.binding as Binding)).toBe(vector.digest);
    expect(fingerprintOf(vector.digest)).toBe(vector.fingerprint);
  });
});

describe('canonicalise', () => {
  it(`gives ${rounds} equivalent spellings one text, the one of another implementation`, () => {
    const dice = createDice(seed);
    for (let round = 0; round < rounds; round += 1) {
      const value = makeArguments(dice);
      const text = spell(value, dice);
      const ours = canonicalise(parseExactJson(Buffer.from(text)));
      expect(ours, text).toBe(judge(value));
      expect(judge(JSON.parse(text))).toBe(ours);
    }
  });

  it(`gives ${rounds} mutants another digest`, () => {
    const dice = createDice(seed + 1);
    for (let round = 0; round < rounds; round += 1) {
      const value = makeArguments(dice);
      const other = mutate(value, dice);
      // Told apart by the other implementation, so they must be told apart by ours.
      expect(judge(other)).not.toBe(judge(value));
      const digest = (args: Value) => bindingDigest({ ...binding, args: args as JsonObject });
      expect(digest(other)).not.toBe(digest(value));
    }
  });

  it('keeps different Unicode forms of one text apart', () => {
    expect(canonicalise({ name: 'é' })).not.toBe(canonicalise({ name: 'e\u0301' }));
  });

  it('refuses arguments over the bound, and takes them at the bound', () => {
    const overhead = '{"a":""}'.length;
    const fit = { a: 'x'.repeat(limits.argumentsBytesMax - overhead) };
    expect(canonicaliseArguments(fit)).toHaveLength(limits.argumentsBytesMax);
    expect(() => canonicaliseArguments({ a: `${fit.a}x` })).toThrow(
      expect.objectContaining({ code: 'payload_too_large' }),
    );
    // Bytes count, not characters.
    expect(() => canonicaliseArguments({ a: 'é'.repeat(limits.argumentsBytesMax / 2) })).toThrow(
      expect.objectContaining({ code: 'payload_too_large' }),
    );
  });
});

describe('bindingDigest', () => {
  it.each<Partial<Binding>>([
    { tenantId: 'ten_01kan2x0q6fyxrm8s3v4t5w6zz' },
    { agentId: 'agt_01kan2x0q6fyxrm8s3v4t5w6zz' },
    { actionId: 'act_01kan2x0q6fyxrm8s3v4t5w6zz' },
    { tool: 'Send_money' },
    { schema: schemaDigest({}) },
    { nonce: 'AAECAwQFBgcICQoLDA0ODg' },
    { args: { amount: '100' } },
    { plan: 'sha-256:x' },
  ])('binds %o', (change) => {
    expect(bindingDigest({ ...binding, ...change })).not.toBe(bindingDigest(binding));
  });
});

describe('boundArguments', () => {
  const args = { path: '/a', content: 'x', reason: 'because' };
  it('takes all of them where the tool names none', () => {
    expect(boundArguments(args, null)).toBe(args);
  });
  it('takes the named ones, and none that are absent', () => {
    expect(boundArguments(args, ['path', 'mode'])).toEqual({ path: '/a' });
    expect(boundArguments(args, [])).toEqual({});
  });
  it('does not take what is only inherited', () => {
    expect(boundArguments({}, ['toString', '__proto__'])).toEqual({});
  });
});
