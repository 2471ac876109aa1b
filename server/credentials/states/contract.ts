export {
  type CredentialKind,
  credentialKinds,
  type OutsideEvidence,
  type ProviderAdapter,
  type RevocationState,
  type RevocationStepKind,
  type SecretWatch,
} from '#db/enums.ts';

/**
 * How a credential stands. `revoked` is proof of every part; `unproven`: revoked as far as anybody
 * knows, and nobody could show it.
 */
export const credentialStates = [
  'active',
  'expired',
  'revoking',
  'failed',
  'unproven',
  'revoked',
] as const;
export type CredentialState = (typeof credentialStates)[number];

/** What is wrong with a credential that is in use. */
export const credentialFlags = [
  'outside_broker',
  'owner_gone',
  'no_provider',
  'long_lived',
  'over_broad',
  'unused',
  'shared',
] as const;
export type CredentialFlag = (typeof credentialFlags)[number];
