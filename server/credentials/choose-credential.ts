/** A credential of the tool that is asked for, as far as the choice needs it. */
export interface CredentialOption {
  readonly id: string;
  readonly scopes: readonly string[];
  /** Null: of any environment. */
  readonly environment: string | null;
  readonly isHolder: boolean;
  /** Neither expired nor being revoked. */
  readonly isLive: boolean;
}

/** Why none of them serves: for the audit log; the agent is told one sentence for all. */
export type NoCredential = 'no_credential' | 'not_holder' | 'environment' | 'scope' | 'not_live';

/**
 * Chooses the credential that a lease is taken of: of those that serve, the one with the fewest scopes,
 * so that no more lies behind a lease than it needs; then the first in order. Pure.
 */
export function chooseCredential(
  options: readonly CredentialOption[],
  wanted: { readonly scopes: readonly string[]; readonly environment: string },
): { readonly chosen: CredentialOption } | { readonly none: NoCredential } {
  const filters: readonly (readonly [NoCredential, (option: CredentialOption) => boolean])[] = [
    ['no_credential', () => true],
    ['not_holder', (option) => option.isHolder],
    [
      'environment',
      ({ environment }) => (environment ?? wanted.environment) === wanted.environment,
    ],
    ['scope', ({ scopes }) => wanted.scopes.every((scope) => scopes.includes(scope))],
    ['not_live', (option) => option.isLive],
  ];
  let left = [...options];
  for (const [none, serves] of filters) {
    left = left.filter(serves);
    if (left.length === 0) return { none };
  }
  const [chosen] = left.sort((a, b) => a.scopes.length - b.scopes.length);
  return chosen === undefined ? { none: 'no_credential' } : { chosen };
}
