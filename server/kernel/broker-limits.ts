/** The bounds of the broker: read as a part of `limits`, and nowhere by themselves. */
export const brokerLimits = {
  /** A brokered secret and what is said of it. */
  secretCharsMax: 16 * 1024,
  credentialsMax: 10_000,
  /** A shorter secret turns up in other text by chance, and is not looked for in telemetry. */
  keptSecretCharsMin: 12,
  /** How long ingest goes by the marks of kept secrets that it last read. */
  keptSecretReadMs: 2000,
  /** How often a worker looks for secrets that came before anybody looked for them. */
  markPendingMs: 60_000,
  /** Credentials that one call is held against, and agents that are shown with what was seen of one. */
  credentialsPerCallMax: 8,
  sightingsShownMax: 50,
  /** A lease's token may be on its way for so long after its end. */
  deadLeaseGraceMs: 60_000,
  /** That a dead lease was presented is noted at most this often. */
  deadLeaseNotedMs: 600_000,
  scopesMax: 64,
  scopeCharsMax: 256,
  holdersMax: 200,
  /** Life of a lease: unless asked otherwise, and at most; a credential may say less. */
  leaseSecondsDefault: 300,
  leaseSecondsMax: 3600,
  /** Life at most of a lease that is a JWT, because whoever checks it alone is told of no end. */
  jwtLeaseSecondsMax: 300,
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
  /** A connection to one is kept for so long: below the five seconds after which many servers close it. */
  providerIdleMs: 4_000,
  providerAnswerBytesMax: 64 * 1024,
  /** Secrets that a rotation seals anew in one transaction. */
  rotationSecretsMax: 100,
  /** A revocation is a worker’s for so long. */
  revocationClaimMs: 60_000,
  revocationPollMs: 250,
  /** Credentials of a cascade in one statement. */
  revokedAtOnce: 500,
  /** From its claim on one is begun within this, or given back: the exchanges and their turns fit in the rest. */
  revocationBeginMs: 10_000,
  /** Requests to one provider at once: at least, whatever it answers, and while it answers each. */
  providerRequestsMin: 8,
  providerRequestsMax: 32,
  /** Due revocations of one provider that are claimed at once, and steps that are kept together. */
  revocationsClaimedMax: 256,
  /** Providers at once. */
  revocationGroupsMax: 16,
  revocationRoundsMax: 1000,
  /** Attempts before a revocation waits for a person: some twenty minutes. */
  revocationAttemptsMax: 10,
  /** Leases that one probe of our own asks about. */
  leaseProbesMax: 10_000,
  /** Of those so many in one statement. */
  leasesProbedAtOnce: 256,
} as const;
