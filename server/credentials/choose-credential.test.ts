import { describe, expect, it } from 'vitest';
import { chooseCredential, type CredentialOption } from './choose-credential.ts';

const option = (change: Partial<CredentialOption> = {}): CredentialOption => ({
  id: 'crd_a',
  scopes: ['read', 'write'],
  environment: null,
  isHolder: true,
  isLive: true,
  ...change,
});
const wanted = { scopes: ['read'], environment: 'production' };

describe('chooseCredential', () => {
  it.each<[string, CredentialOption[], string]>([
    ['none of the tool', [], 'no_credential'],
    ['held by others only', [option({ isHolder: false })], 'not_holder'],
    ['of another environment', [option({ environment: 'staging' })], 'environment'],
    ['without the scope', [option({ scopes: ['write'] })], 'scope'],
    ['expired or being revoked', [option({ isLive: false })], 'not_live'],
    [
      'each lacking something else',
      [option({ isHolder: false }), option({ isLive: false }), option({ scopes: [] })],
      'not_live',
    ],
  ])('finds nothing: %s', (_name, options, none) => {
    expect(chooseCredential(options, wanted)).toEqual({ none });
  });

  it('takes the one with the fewest scopes, then the first', () => {
    const wide = option({ id: 'crd_wide', scopes: ['read', 'write', 'admin'] });
    const narrow = option({ id: 'crd_narrow', scopes: ['read'] });
    const other = option({ id: 'crd_other', scopes: ['read'] });
    expect(chooseCredential([wide, narrow, other], wanted)).toEqual({ chosen: narrow });
  });

  it('serves every scope that is wanted, or none', () => {
    const both = { ...wanted, scopes: ['read', 'list'] };
    expect(chooseCredential([option()], both)).toEqual({ none: 'scope' });
    const listing = option({ scopes: ['list', 'read'] });
    expect(chooseCredential([listing], both)).toEqual({ chosen: listing });
  });

  it('takes one of the agent’s own environment', () => {
    const mine = option({ environment: 'production' });
    expect(chooseCredential([mine], wanted)).toEqual({ chosen: mine });
  });
});
