import type {
  CredentialFlag,
  CredentialKind,
  ProviderAdapter,
} from '#server/credentials/states/contract.ts';

export const kindWords: Readonly<Record<CredentialKind, string>> = {
  api_key: 'API key',
  access_token: 'access token',
  refresh_token: 'refresh token',
  jwt: 'JWT',
  vault_lease: 'Vault lease',
};

/** What a provider is spoken to by. */
export const adapterWords: Readonly<Record<ProviderAdapter, string>> = {
  oauth: 'OAuth (RFC 7009)',
  vault: 'OpenBao or Vault',
  webhook: 'webhook',
};

/** A flag in a word or two, and why it matters. */
export const flagWords: Readonly<
  Record<CredentialFlag, { readonly word: string; readonly means: string }>
> = {
  owner_gone: {
    word: 'no owner',
    means: 'Nobody of this tenant answers for it: its owner was never named, or is gone.',
  },
  no_provider: {
    word: 'no provider',
    means: 'Nobody knows where it was made, so Signalbox can revoke its leases and no more.',
  },
  long_lived: {
    word: 'long-lived',
    means: 'It lives for more than 90 days, or for ever: whoever finds it has long to use it.',
  },
  over_broad: {
    word: 'over-broad',
    means: 'It carries scopes that no lease of the last 30 days was for.',
  },
  unused: { word: 'unused', means: 'Nobody used a lease of it for 30 days.' },
  shared: { word: 'shared', means: 'More than one agent may take leases of it.' },
};
