import { describe, expect, it } from 'vitest';
import { completeArguments, readArgumentSchema } from './argument-schema.ts';

const payment = JSON.stringify({
  type: 'object',
  required: ['recipient', 'amount'],
  additionalProperties: false,
  properties: {
    recipient: { type: 'string', pattern: '^DE[0-9]{20}$' },
    amount: { type: 'number', exclusiveMinimum: 0, maximum: 1000 },
    currency: { enum: ['EUR', 'USD'], default: 'EUR' },
    notes: {
      type: 'object',
      properties: { text: { type: 'string' }, loud: { type: 'boolean', default: false } },
      additionalProperties: false,
    },
  },
});
const recipient = 'DE89370400440532013000';

describe('completeArguments', () => {
  it('takes what fits, with its defaults, and leaves what was given as it was', () => {
    const given = { recipient, amount: 10, notes: { text: 'x' } };
    expect(completeArguments(payment, given)).toEqual({
      args: { recipient, amount: 10, currency: 'EUR', notes: { text: 'x', loud: false } },
      fault: null,
    });
    expect(given).toEqual({ recipient, amount: 10, notes: { text: 'x' } });
  });

  it('checks and adds nothing without a schema', () => {
    const given = { anything: [1] };
    expect(completeArguments(null, given)).toEqual({ args: given, fault: null });
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['a missing one', { recipient }, ''],
    ['another type', { recipient, amount: '10' }, '/amount'],
    ['beyond its bound', { recipient, amount: 1001 }, '/amount'],
    ['against its pattern', { recipient: 'DE00', amount: 1 }, '/recipient'],
    ['outside its list', { recipient, amount: 1, currency: 'XXX' }, '/currency'],
    ['one that the tool does not take', { recipient, amount: 1, 'cc/~': 1 }, '/cc~1~0'],
    ['one inside that it does not take', { recipient, amount: 1, notes: { x: 1 } }, '/notes/x'],
    ['a name of every object', { recipient, amount: 1, constructor: 1 }, '/constructor'],
  ])('refuses %s, by its place and never its value', (_, given, pointer) => {
    const { fault } = completeArguments(payment, given);
    expect(fault?.pointer).toBe(pointer);
    expect(fault?.sentence).toMatch(/^must /);
    expect(JSON.stringify(fault)).not.toContain('DE00');
  });

  it('does not take an inherited name for an argument', () => {
    const schema = JSON.stringify({ type: 'object', required: ['toString'] });
    expect(completeArguments(schema, {}).fault).not.toBeNull();
  });

  it('runs a pattern in linear time, and tells patterns apart', () => {
    const schema = JSON.stringify({
      properties: { a: { pattern: '^(a+)+$' }, b: { pattern: '^b$' } },
    });
    const begun = performance.now();
    expect(completeArguments(schema, { a: `${'a'.repeat(5000)}!` }).fault?.pointer).toBe('/a');
    expect(performance.now() - begun).toBeLessThan(2000);
    expect(completeArguments(schema, { a: 'a', b: 'a' }).fault?.pointer).toBe('/b');
    expect(completeArguments(schema, { a: 'a', b: 'b' }).fault).toBeNull();
  });
});

describe('readArgumentSchema', () => {
  it('gives the schema of its text', () => {
    expect(readArgumentSchema(payment)).toEqual(JSON.parse(payment));
  });

  it.each<[string, string, RegExp]>([
    ['no JSON', '{', /not JSON/],
    ['no object', 'true', /not an object/],
    ['a type that there is not', '{"type":"text"}', /type/],
    ['a word that there is not', '{"typ":"object"}', /unknown keyword: "typ"/],
    ['a reference elsewhere', '{"$ref":"https://example.test/a.json"}', /can't resolve reference/],
    ['another draft', '{"$schema":"http://json-schema.org/draft-07/schema#"}', /draft-07/],
    ['an answer that comes later', '{"$async":true}', /\$async/],
    ['a later answer inside', '{"properties":{"a":{"$async":true}}}', /\$async/],
    ['a comparison of all with all', '{"properties":{"a":{"uniqueItems":true}}}', /maxItems/],
    ['a pattern that looks behind', '{"properties":{"a":{"pattern":"(?<=a)b"}}}', /JSON Schema/],
    ['a default that nobody applies', '{"oneOf":[{"properties":{"a":{"default":1}}}]}', /default/],
    ['what cannot be stored', String.raw`{"title":"\u0000"}`, /stored/],
  ])('refuses %s, and says so', (_, text, sentence) => {
    expect(() => readArgumentSchema(text)).toThrow(sentence);
  });
});
