/** The bounds of the broker: read as a part of `limits`, and nowhere by themselves. */
export const brokerLimits = {
  /** A brokered secret and what is said of it. */
  secretCharsMax: 16 * 1024,
  credentialsMax: 10_000,
  scopesMax: 64,
  scopeCharsMax: 256,
  holdersMax: 200,
  /** Life of a lease: unless asked otherwise, and at most; a credential may say less. */
  leaseSecondsDefault: 300,
  leaseSecondsMax: 3600,
  /** Live leases of one agent: a runaway stops here. */
  leasesPerAgentMax: 2000,
  /** The last use of a lease is written at most this often. */
  leaseUseNotedMs: 10_000,
  tokenCharsMax: 4096,
  /** From when on a credential counts as unused, and how long one may live without a word on it. */
  unusedDays: 30,
  longLivedDays: 90,
  /** Providers of one tenant; an address; how deep credentials are made from one another. */
  providersMax: 200,
  providerUrlCharsMax: 2048,
  familyDepthMax: 8,
  /** One exchange with a provider. */
  providerTimeoutMs: 10_000,
  providerAnswerBytesMax: 64 * 1024,
  /** Secrets that a rotation seals anew in one transaction. */
  rotationSecretsMax: 100,
  /** A revocation is a worker’s for so long; three exchanges fit in. */
  revocationClaimMs: 60_000,
  revocationPollMs: 250,
  /** Credentials of a cascade in one statement. */
  revokedAtOnce: 500,
  /** At once: of one provider, and providers. */
  revocationsPerProviderMax: 8,
  revocationGroupsMax: 16,
  revocationRoundsMax: 1000,
  /** Attempts before a revocation waits for a person: some twenty minutes. */
  revocationAttemptsMax: 10,
  /** Leases that one probe of our own asks about. */
  leaseProbesMax: 10_000,
} as const;
