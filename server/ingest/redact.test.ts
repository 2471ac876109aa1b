import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { redactEvent, type RedactionTools } from '#server/ingest/redact.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventBody, EventDraft, Json } from '#server/telemetry/contract.ts';

const tools: RedactionTools = { tenantKey: new Uint8Array(32).fill(7), canaries: null, kept: null };
const otherTenant: RedactionTools = {
  tenantKey: new Uint8Array(32).fill(8),
  canaries: null,
  kept: null,
};

const body: EventBody = {
  input: null,
  output: null,
  error: null,
  usage: null,
  data: null,
  source: { trust: 'unknown', origin: null },
  attributes: {},
};
const draft: EventDraft = {
  id: 'e-1',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
  spanId: null,
  parentSpanId: null,
  sessionId: 's-1',
  conversationId: null,
  agent: 'billing-bot',
  instanceId: null,
  user: 'u-42',
  kind: 'tool_call',
  phase: null,
  callId: null,
  name: 'read_file',
  startedAt: '2026-11-22T08:00:00.000Z',
  endedAt: null,
  status: 'ok',
  model: null,
  body,
  actionId: null,
  dialect: 'native',
  flags: [],
};
const withOutput = (output: Json): EventDraft => ({ ...draft, body: { ...body, output } });
const outputOf = (output: Json, with_: RedactionTools = tools): Json =>
  redactEvent(withOutput(output), with_).body.output;

/** Values of every supported type; what is left of each after redaction must not contain `core`. */
const planted: readonly { text: string; core: string }[] = [
  { text: 'alice.smith@example.com', core: 'alice.smith' },
  { text: '+44 20 7946 0958', core: '7946' },
  { text: '(415) 555-2671', core: '2671' },
  { text: '4111 1111 1111 1111', core: '1111 1111' },
  { text: '5500005555555559', core: '0000555555' },
  { text: 'GB29NWBK60161331926819', core: '60161331926819' },
  { text: 'DE89 3704 0044 0532 0130 00', core: '0044 0532' },
  { text: '536-22-8745', core: '8745' },
  { text: '203.0.113.77', core: '203.0.113' },
  { text: '2001:db8::8a2e:370:7334', core: '8a2e:370' },
  { text: 'QQ123456C'.replace('QQ', 'AB'), core: '123456' },
  { text: `ghp_${'a1B2c3D4e5'.repeat(4).slice(0, 36)}`, core: 'a1B2c3D4e5' },
  { text: 'AKIAIOSFODNN7EXAMPLE', core: 'IOSFODNN7' },
  { text: `sk-ant-api03-${'Zx9_'.repeat(20)}AA`, core: 'Zx9_Zx9_' },
  { text: `xoxb-123456789012-${'Ab3'.repeat(8)}`, core: '123456789012' },
  { text: `sk_live_${'4eC39HqLyjWDarjtT1zdp7dc'}`, core: '4eC39Hq' },
  { text: 'postgres://app:s3cr3t-pw@db.internal/prod', core: 's3cr3t' },
  { text: 'password=hunter2secret', core: 'hunter2' },
  { text: 'Authorization: Bearer abcdef0123456789', core: 'abcdef0123456789' },
  {
    text: '-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\nhkiG9w0BAQ==\n-----END PRIVATE KEY-----',
    core: 'hkiG9w0BAQ',
  },
];

describe('redactEvent', () => {
  it('keeps a clean event as it is, by reference', () => {
    const output = { rows: [{ id: 'a-1', note: 'nothing to see', count: 3 }], ok: true };
    const redacted = redactEvent(withOutput(output), tools);
    expect(redacted.body.output).toBe(output);
    expect(redacted).toMatchObject({ findings: [], flags: [], user: 'u-42', sessionId: 's-1' });
  });

  it('names the type and keeps the text around', () => {
    expect(outputOf('Write to alice@example.com today.')).toMatch(
      /^Write to \[EMAIL:[0-9a-f]{8}\] today\.$/,
    );
  });

  it('gives one value one placeholder per tenant, whatever its spelling', () => {
    expect(outputOf('Alice@Example.COM')).toBe(outputOf('alice@example.com'));
    expect(outputOf('4111-1111-1111-1111')).toBe(outputOf('4111111111111111'));
    expect(outputOf('alice@example.com')).not.toBe(outputOf('bob@example.com'));
    expect(outputOf('alice@example.com')).not.toBe(outputOf('alice@example.com', otherTenant));
  });

  it('points at the place and never quotes the value', () => {
    const { findings } = redactEvent(withOutput({ 'a/b': ['x', 'to alice@example.com'] }), tools);
    expect(findings).toEqual([
      {
        type: 'pii',
        detector: 'email',
        path: '/output/a~1b/1',
        start: 3,
        end: 20,
        score: 1,
        detail: 'Personal data (email) was replaced.',
      },
    ]);
  });

  it('replaces keys, and keeps both of two that become equal', () => {
    const output = outputOf({ 'alice@example.com': 1, 'ALICE@example.com': 2 });
    expect(Object.values(output ?? {})).toEqual([1, 2]);
    expect(JSON.stringify(output)).not.toMatch(/alice/i);
  });

  it('does not name a redacted key in the path of what lies below', () => {
    const { findings } = redactEvent(withOutput({ 'alice@example.com': 'bob@example.com' }), tools);
    expect(findings).toHaveLength(2);
    expect(JSON.stringify(findings)).not.toMatch(/alice|bob/);
  });

  it('takes the field name for context', () => {
    const output = outputOf({
      password: 'letmein',
      phone: '5552671',
      pin: 4711,
      cvv: '123',
      note: 4711,
    });
    expect(output).toMatchObject({
      password: expect.stringMatching(/^\[SECRET:/),
      phone: expect.stringMatching(/^\[PHONE:/),
      pin: expect.stringMatching(/^\[SECRET:/),
      cvv: expect.stringMatching(/^\[SECRET:/),
      note: 4711,
    });
  });

  it('leaves ids and moments alone, whatever they look like, unless their field names a secret', () => {
    // Its second group and those behind it pass for an account number of Andorra, checksum and all.
    const ids = { id: '9f3c2a10-ad37-4000-8000-000000000094', at: '2026-11-22T08:00:00.120Z' };
    expect(outputOf(ids)).toEqual(ids);
    expect(outputOf({ api_key: ids.id })).not.toEqual({ api_key: ids.id });
  });

  it('reads numbers as text', () => {
    expect(outputOf({ card: 4111111111111111 })).toEqual({
      card: expect.stringMatching(/^\[CARD:/),
    });
    expect(outputOf({ at: 1760000000000, size: 123456789 })).toEqual({
      at: 1760000000000,
      size: 123456789,
    });
  });

  it("tokenises a caller's id that is an address, and only then", () => {
    const redacted = redactEvent({ ...draft, user: 'alice@example.com', sessionId: 's-17' }, tools);
    expect(redacted.user).toMatch(/^\[EMAIL:[0-9a-f]{8}\]$/);
    expect(redacted.sessionId).toBe('s-17');
    expect(redacted.findings).toMatchObject([{ path: '/user', type: 'pii' }]);
  });

  it('finds what invisible characters cut in two', () => {
    expect(outputOf('ali\u200bce@exam\u00adple.com')).toMatch(/^\[EMAIL:/);
    expect(outputOf('4111\u20601111\u20601111\u20601111')).toMatch(/^\[CARD:/);
  });

  it('covers overlapping matches with the graver name', () => {
    const output = outputOf('postgres://app:pw@db.example.com/x alice@example.com');
    expect(output).toMatch(/^postgres:\/\/\[SECRET:\w+\]@db\.example\.com\/x \[EMAIL:\w+\]$/);
  });

  it('escapes what Postgres refuses and says so', () => {
    const redacted = redactEvent(withOutput({ 'k\0': 'a\0b\ud800c\u{1f600}' }), tools);
    expect(redacted.body.output).toEqual({ 'k\\u0000': 'a\\u0000b\\ud800c\u{1f600}' });
    expect(redacted.flags).toEqual(['escaped_text']);
  });

  it('redacts before it cuts, and cuts at the bound of a field', () => {
    const text = `${'a '.repeat(limits.fieldBytesMax / 2 - 5)}alice@example.com`;
    const redacted = redactEvent(withOutput(text), tools);
    const kept = JSON.stringify(redacted.body.output).slice(1, -1);
    expect(Buffer.byteLength(kept)).toBeLessThanOrEqual(limits.fieldBytesMax);
    expect(kept).not.toMatch(/alic|\[/);
    expect(redacted.flags).toEqual(['truncated']);
    expect(redacted.findings).toHaveLength(1);
  });

  it('bounds a field that is many small values, and still inspects the rest', () => {
    const output = [...Array.from({ length: 300 }, () => 'é'.repeat(1000)), 'alice@example.com'];
    const redacted = redactEvent(withOutput(output), tools);
    expect(Buffer.byteLength(JSON.stringify(redacted.body.output))).toBeLessThan(
      limits.fieldBytesMax * 1.1,
    );
    expect(redacted.flags).toEqual(['truncated']);
    expect(redacted.findings).toHaveLength(1);
  });

  it('says where inspection ended and keeps nothing beyond', () => {
    const text = `${'x'.repeat(1)}${' y'.repeat(limits.scanCharsMax / 2)} alice@example.com`;
    const redacted = redactEvent(withOutput(text), tools);
    expect(redacted.flags).toEqual(['scan_incomplete', 'truncated']);
    expect(JSON.stringify(redacted)).not.toContain('alice');
  });

  it('drops a body that it cannot walk', () => {
    let deep: Json = 'alice@example.com';
    for (let depth = 0; depth < 100; depth += 1) deep = [deep];
    const redacted = redactEvent(withOutput(deep), tools);
    expect(redacted.body.output).toBeNull();
    expect(redacted.flags).toEqual(['body_dropped']);
    expect(redacted.id).toBe('e-1');
  });

  it('never throws, whatever a getter does', () => {
    const broken = {
      ...draft,
      body: {
        ...body,
        get output(): Json {
          throw new Error('alice@example.com');
        },
      },
    };
    const redacted = redactEvent(broken, tools);
    expect(redacted.flags).toEqual(['body_dropped']);
    expect(JSON.stringify(redacted)).not.toContain('alice');
  });

  it('lets no flood of one type hide another', () => {
    const flood = Array.from({ length: 500 }, (_, index) => `a${index}@example.com`).join(' ');
    const { findings } = redactEvent(withOutput([flood, 'AKIAIOSFODNN7EXAMPLE']), tools);
    expect(findings.filter(({ type }) => type === 'pii')).toHaveLength(limits.findingsPerTypeMax);
    expect(findings.filter(({ type }) => type === 'secret')).toHaveLength(1);
  });

  it.each(planted)('leaves nothing of $text in any wrapping', ({ text, core }) => {
    const quoted = JSON.stringify({ deep: { note: `see\n${text}` } });
    const wrapped: Json = {
      plain: text,
      prose: `Before ${text}, after.`,
      list: [[text]],
      quoted,
      twice: JSON.stringify({ quoted }),
      line: `first\n${text}\nlast`,
      [`key ${text}`]: true,
    };
    const event = { ...draft, body: { ...body, input: wrapped, attributes: { wrapped } } };
    const stored = JSON.stringify(redactEvent(event, tools));
    expect(stored).not.toContain(core);
    expect(stored).toMatch(/\[[A-Z]+:[0-9a-f]{8}\]/);
  });
});

const plantedArbitrary = fc.constantFrom(...planted);
const around = fc
  .stringMatching(/^[ -~]{0,12}$/)
  .map((text) => text.replace(/[A-Za-z0-9@._%+~\\-]/g, ' '));

describe('redactEvent over random events', () => {
  it('lets no planted value survive, wherever it stands', () => {
    const leaf = fc
      .tuple(around, plantedArbitrary, around)
      .map(([before, { text, core }, after]) => ({ text: `${before} ${text} ${after}`, core }));
    const { tree } = fc.letrec<{ tree: { json: Json; cores: string[] } }>((tie) => ({
      tree: fc.oneof(
        { depthSize: 'small', withCrossShrink: true },
        leaf.map(({ text, core }) => ({ json: text as Json, cores: [core] })),
        leaf.map(({ text, core }) => ({ json: { [text]: 1 } as Json, cores: [core] })),
        tie('tree').map(({ json, cores }) => ({ json: JSON.stringify(json) as Json, cores })),
        fc.array(tie('tree'), { maxLength: 3 }).map((items) => ({
          json: items.map(({ json }) => json) as Json,
          cores: items.flatMap(({ cores }) => cores),
        })),
        fc.tuple(fc.string(), tie('tree')).map(([key, { json, cores }]) => ({
          json: { [key]: json } as Json,
          cores,
        })),
      ),
    }));
    fc.assert(
      fc.property(tree, ({ json, cores }) => {
        const stored = JSON.stringify(redactEvent(withOutput(json), tools));
        for (const core of cores) expect(stored).not.toContain(core);
      }),
      { numRuns: 300 },
    );
  });

  it.each([
    'password=hunter2secret-(415) 555-2671',
    'password=hunter2secret/(415) 555-2671',
    'token: abc123def456(alice@example.com)',
  ])('settles at once where a secret runs into personal data: %s', (text) => {
    const once = redactEvent(withOutput({ text }), tools);
    expect(redactEvent({ ...once }, tools).body).toEqual(once.body);
    expect(JSON.stringify(once.body)).not.toContain('hunter2');
  });

  it('changes nothing when it is applied again', () => {
    const text = fc.oneof(
      fc.string(),
      plantedArbitrary.map((value) => value.text),
      fc.constant(': '),
    );
    const anything = fc.array(text, { maxLength: 6 }).map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.dictionary(fc.string(), anything), (output) => {
        const once = redactEvent(withOutput(output), tools);
        const twice = redactEvent({ ...once }, tools);
        expect(twice.body).toEqual(once.body);
      }),
      { numRuns: 1000 },
    );
  });
});
