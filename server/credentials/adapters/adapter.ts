/** What a credential is at its provider; the secret is opened for this call only. */
export interface ProviderCredential {
  readonly revocationId: string;
  readonly credentialId: string;
  readonly name: string;
  readonly kind: string;
  readonly secret: string;
  /** The provider's own name of it, where it has one: a Vault lease id. */
  readonly externalRef: string | null;
}

/**
 * What a probe says. `blind` tells nothing: there is no way to ask, or an answer that no state of the
 * credential could change.
 */
export type ProbeVerdict = 'live' | 'dead' | 'blind' | 'unreachable';

/**
 * What a provider said to a revocation. `accepted`: it will see to it. `unsupported`: it cannot, ever.
 * `refused`: it will not, as asked. `unreachable`: no answer that counts, so it must still be valid.
 */
export type SendVerdict = 'confirmed' | 'accepted' | 'unsupported' | 'refused' | 'unreachable';

/** Evidence of one exchange: where, what status, in a few words. Never a token, never a body. */
export interface Evidence {
  readonly host: string;
  readonly status: number | null;
  readonly said: string;
}

/** A provider as revocation needs it. Both calls may be made twice. */
export interface RevocationAdapter {
  readonly probe: (credential: ProviderCredential) => Promise<Told<ProbeVerdict>>;
  readonly revoke: (credential: ProviderCredential) => Promise<Told<SendVerdict>>;
}

export interface Told<Verdict> {
  readonly verdict: Verdict;
  readonly evidence: Evidence;
}

/** Builds what a call answers. */
export function told<Verdict>(
  verdict: Verdict,
  url: string,
  status: number | null,
  said: string,
): Told<Verdict> {
  return { verdict, evidence: { host: new URL(url).host, status, said } };
}

/** What went wrong on the way, in words of ours: an error's own may quote the request. */
export function unreachedBecause(error: unknown): string {
  if (!(error instanceof Error)) return 'It was not reached.';
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return 'It did not answer in time.';
  if (/private address|SIGNALBOX_PROVIDER_HOSTS/.test(error.message)) return error.message;
  const code: unknown = 'code' in error ? error.code : undefined;
  return typeof code === 'string' ? `It was not reached (${code}).` : 'It was not reached.';
}

/** A member of a JSON body; undefined when the body is none or lacks it. */
export function memberOf(body: string, name: string): unknown {
  try {
    const parsed: unknown = JSON.parse(body);
    return typeof parsed === 'object' && parsed !== null
      ? (parsed as Record<string, unknown>)[name]
      : undefined;
  } catch {
    return undefined;
  }
}
