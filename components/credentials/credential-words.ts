import type {
  CredentialFlag,
  CredentialKind,
  OutsideEvidence,
  ProviderAdapter,
  SecretWatch,
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
  outside_broker: {
    word: 'outside the broker',
    // What it was is said with it, see `flagReason`.
    means: 'It was seen outside of the broker in the last 30 days.',
  },
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

/** What was seen, and what it does not show. */
export const evidenceWords: Readonly<
  Record<OutsideEvidence, { readonly seen: string; readonly unknown: string }>
> = {
  secret_in_arguments: {
    seen: 'Its secret stood in the arguments of a call.',
    unknown: 'The broker gives nobody a secret. How the agent came by it is not known.',
  },
  secret_in_telemetry: {
    seen: 'Its secret stood in an event, and not in the arguments of a call.',
    unknown: 'Whoever had the event had the secret. That it was used is not shown.',
  },
  call_without_lease: {
    seen: 'A call of its tool came to something without a lease of the tool.',
    unknown: 'With what the tool was entered is not known; it need not have been this one.',
  },
  dead_lease_presented: {
    seen: 'Its tool was shown the token of a lease long dead.',
    unknown: 'The tool was told that it is not active. Whether it served the call is not known.',
  },
};

/** Why a flag matters; of a credential outside of the broker, by what that was seen. */
export function flagReason(flag: CredentialFlag, outside: readonly OutsideEvidence[]): string {
  const { means } = flagWords[flag];
  return flag === 'outside_broker'
    ? [means, ...outside.map((evidence) => evidenceWords[evidence].seen)].join(' ')
    : means;
}

/** Whether its secret is looked for in telemetry. */
export const watchWords: Readonly<Record<SecretWatch, string>> = {
  watched: 'sealed, shown to nobody; looked for in telemetry',
  pending: 'sealed, shown to nobody; not looked for in telemetry yet',
  untellable: 'sealed, shown to nobody; too short or too plain to be found in telemetry',
};
