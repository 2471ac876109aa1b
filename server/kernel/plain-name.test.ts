import { describe, expect, it } from 'vitest';
import { mintInput, canaryInput } from '#server/guard/contract.ts';
import { addPersonInput, keyNameSchema } from '#server/auth/contract.ts';
import { addCredentialInput, addProviderInput } from '#server/credentials/contract.ts';
import { channelInputSchema } from '#server/notifications/contract.ts';
import { transmitterInputSchema } from '#server/notifications/receive/contract.ts';
import { plainName } from './plain-name.ts';

const disguised = [
  'pay\u202eroll',
  'pay\u200broll',
  'pay\nroll',
  'pay\u001b[31mroll',
  'pay\u2028roll',
];

describe('plainName', () => {
  it.each([...disguised, '', '  ', 'x'.repeat(21)])('refuses %j', (name) => {
    expect(plainName(20).safeParse(name).success).toBe(false);
  });

  it.each(['payroll', 'Zahlungen für März', '給与', 'كشف المرتبات', '<b>'])('takes %j', (name) => {
    expect(plainName(20).parse(` ${name} `)).toBe(name);
  });
});

describe('the name of what people make', () => {
  const settings = { adapter: 'webhook', url: 'https://provider.example' };
  const credential = { tool: 't', kind: 'api_key', secret: 's', scopes: ['read'], holders: [] };
  const fetched = {
    from: 'fetched',
    issuer: 'https://idp.example',
    keysUrl: 'https://idp.example',
  };
  const hook = { kind: 'webhook', target: 'https://example.com', severityMin: 'high' };
  const person = { email: 'a@b.example', roles: ['viewer'], password: 'correct horse battery' };
  const marker = 'a planted sentence that nobody else writes';
  it.each([
    ['a person', (name: string) => addPersonInput.safeParse({ ...person, name })],
    ['a key', (name: string) => keyNameSchema.safeParse(name)],
    ['a credential', (name: string) => addCredentialInput.safeParse({ ...credential, name })],
    ['a provider', (name: string) => addProviderInput.safeParse({ settings, secret: 's', name })],
    ['a channel', (name: string) => channelInputSchema.safeParse({ ...hook, name })],
    ['a transmitter', (name: string) => transmitterInputSchema.safeParse({ ...fetched, name })],
    ['a canary', (name: string) => canaryInput.safeParse({ marker, homes: [], name })],
    [
      'a document',
      (name: string) => mintInput.safeParse({ document: name, forms: ['text'], homes: [] }),
    ],
  ])('of %s passes for no other', (_, parse) => {
    expect(parse('payroll').error).toBeUndefined();
    for (const name of disguised) expect(parse(name).success, JSON.stringify(name)).toBe(false);
  });
});
