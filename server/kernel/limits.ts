import { brokerLimits } from './broker-limits.ts';
import { detectionLimits } from './detection-limits.ts';

/**
 * Every bound of the product, read by enforcement, screens and documents alike. Units come last in
 * the names; sources are the outer contract and the measurements quoted beside a number.
 */
export const limits = {
  ...brokerLimits,
  /** Inflated request body of a telemetry post. */
  telemetryBodyBytesMax: 20 * 1024 * 1024,
  /** Body of any other machine request. */
  requestBodyBytesMax: 1024 * 1024,
  /**
   * A door answers within this, and one that waits for a decision within so much more: a database that is
   * connected and silent would hold its callers for good. Below the lease of `livenessLeaseMs`.
   */
  doorAnswerMs: 20_000,
  /**
   * An idle connection is kept for so long: longer than the minute of common balancers and the five
   * seconds between two batches of an exporter. Closed by us just as one is sent, a batch would be lost.
   */
  keepAliveMs: 75_000,
  /** How long readiness is waited for before it is none. */
  readinessMs: 3_000,
  /** Of a body that is too large so much is still read, and thrown away, so that the refusal arrives. */
  discardedBodyBytesMax: 64 * 1024 * 1024,
  /** A gzip body may grow by this factor at most before it counts as a bomb. */
  inflateRatioMax: 200,
  /** Events of one native post. */
  eventsPerPostMax: 1000,
  /** Nesting of any JSON that comes in; V8 parses a million levels and then overflows elsewhere. */
  jsonDepthMax: 64,
  /**
   * Objects and arrays, and keys, of one JSON body. 20 MiB of ordinary OTLP hold 600,000 and
   * 950,000; 20 MiB of `{},` seven million, and 1.5 million different keys took 252 MB to parse.
   */
  jsonContainersMax: 1_000_000,
  jsonPairsMax: 1_200_000,
  /** Spans or records of one OTLP request; exporters send 512 at a time. */
  otlpItemsMax: 100_000,
  /** Nested messages of one protobuf body; AnyValue may hold itself. */
  protobufDepthMax: 64,
  /** One field of one event, after redaction; the scan sees it whole. */
  fieldBytesMax: 256 * 1024,
  /** Text beyond this length of one field is not scanned: flagged, and counts as untrusted. */
  scanCharsMax: 1024 * 1024,
  /** Canaries of one tenant; the length of a marker (blanks not counted in the least); its homes. */
  canariesMax: 2000,
  canaryCharsMin: 8,
  canaryCharsMax: 512,
  canaryHomesMax: 32,
  /** How long ingest goes by the canaries it last read; a new one is looked for after that. */
  canaryReadMs: 2000,
  /** One post of texts to scan: how many, each of how many bytes, and the body with its escapes. */
  scanItemsMax: 100,
  scanItemBytesMax: 256 * 1024,
  scanBodyBytesMax: 32 * 1024 * 1024,
  destinationCharsMax: 2048,
  scanInstructionsCharsMax: 64 * 1024,
  /** Of content, and of instructions, that are held against each other. */
  mixedCharsMax: 64 * 1024,
  /** Of one event's untrusted text the deep layer reads so much. */
  deepScanCharsMax: 64 * 1024,
  /** A key of an object. */
  keyCharsMax: 1024,
  /** Findings of one type kept on one event; a flood of one type never hides another. */
  findingsPerTypeMax: 64,
  /** Attributes kept on one event. */
  attributesMax: 512,
  /** Callers' own ids. */
  callerIdCharsMax: 128,
  /** A name of a tool, model or event. */
  nameCharsMax: 256,
  /** Page size of a list: default and most. */
  pageItemsDefault: 50,
  pageItemsMax: 200,
  /** Lines of one exported file, and the filter that chose them. */
  exportRowsMax: 250_000,
  exportFilterCharsMax: 4000,
  /** An event that starts further ahead of our clock than this says so. */
  clockSkewMs: 5 * 60_000,
  /** Rows in one group commit. */
  groupCommitEventsMax: 2000,
  /** Group commits of one tenant that run side by side in one process. */
  groupCommitsAtOnceMax: 2,
  /** Events waiting in one process for their commit; beyond it the door answers 503. */
  groupCommitBacklogMax: 20_000,
  /** Bodies kept of one span id that is sent again with another content. */
  eventRevisionsMax: 20,
  /** Agents that telemetry may register in one tenant. */
  agentsPerTenantMax: 10_000,
  /** Agents that an agent is known to descend from; with more it counts as in every tree. */
  agentAncestorsMax: 64,
  /** Pause between two looks at the drills that run. */
  drillPollMs: 1_000,
  /** For this long a drill waits for its alert before it stops the agent all the same. */
  drillDetectMs: 30_000,
  /** A drill whose stop nobody has lifted by then ends unfinished. */
  drillLapseMs: 86_400_000,
  /** Days between two drills at most. */
  drillIntervalDaysMax: 365,
  /** For this long beyond its time a drill may be due before that is an alert. */
  drillGraceMs: 86_400_000,
  /** Drills that the trend shows. */
  drillTrendMax: 50,
  /** Spawns that a process need not ask for again. */
  spawnsRememberedMax: 10_000,
  /** Spawns that are kept under one lock of the tenant's counter of stops. */
  spawnsAtOnce: 20,
  /** Agents of a tree that a stop lists. */
  treeMembersListedMax: 1_000,
  /** Write transactions end within this (positions wait for the oldest of them). */
  writeTransactionMs: 30_000,
  /** A process says this often that it lives; three times as long silent counts as gone. */
  processBeatMs: 5_000,
  /** One poller per process fans out in memory; NOTIFY per event cost a factor of six. */
  livePollMs: 100,
  /** A reader that found so many events goes on at once; with fewer it has caught up, and rests. */
  tailBehindEvents: 500,
  /** The detector rests less than the others: people wait for its alerts. */
  detectorRestMs: 25,
  /** And the indexer more. */
  indexRestMs: 500,
  /** Bodies that one read of the log brings, all together: what a worker has to hold at a time. */
  tailBodyBytesMax: 32 * 1024 * 1024,
  /** What was read of the log and is kept in one process for its slower readers, and how long. */
  tailFeedBytesMax: 64 * 1024 * 1024,
  tailFeedMs: 10_000,
  /** Tenants are led by shard; a process renews its leadership and takes free shards this often. */
  tailShards: 8,
  tailRenewMs: 1000,
  /** How long a tenant whose batch failed waits: doubled from the least to the most. */
  tailRetryMsMin: 250,
  tailRetryMsMax: 30_000,
  /** Events that one live batch names; the rest it only counts. */
  liveEventsPerBatchMax: 100,
  /** Items a live subscriber may fall behind before it is told to resync. */
  liveBacklogItemsMax: 1000,
  /** Sign-in lives this long at most; idle ones end earlier. */
  signInHoursMax: 12,
  signInIdleMinutes: 120,
  /** Failed sign-ins of one e-mail or address before it waits. */
  signInFailuresMax: 8,
  signInWindowMinutes: 15,
  passwordCharsMin: 12,
  passwordCharsMax: 256,
  /** RFC 5321: a path of 256 octets with its brackets. */
  emailCharsMax: 254,
  personNameCharsMax: 120,
  tenantNameCharsMax: 120,
  /** What is kept of a browser's name and of an address beside a sign-in. */
  userAgentCharsMax: 256,
  addressCharsMax: 64,
  /** People of one tenant: a team, not a public site. */
  peopleMax: 1000,
  /** A key's verdict is reused this long, so that a revocation is effective within it everywhere. */
  keyVerdictMs: 1000,
  keyVerdictsMax: 10_000,
  /** Last use of a key is written at most this often. */
  keyUseNotedMs: 60_000,
  keyNameCharsMax: 120,
  /** Keys of one tenant that are not revoked. */
  keysMax: 1000,
  /** Tools that one enforcer key may be bound to. */
  keyToolsMax: 100,
  /** The tools table of a tenant. */
  toolsMax: 2000,
  toolDescriptionCharsMax: 500,
  toolFieldsMax: 64,
  /** Text of the JSON schema of a tool’s arguments. */
  toolSchemaCharsMax: 16 * 1024,
  /** Items that `uniqueItems` may compare with one another. */
  toolSchemaUniqueItemsMax: 1000,
  /** A short-lived key lives at most this long; one without an end lives until revoked. */
  keyLifeSecondsMax: 365 * 24 * 3600,
  /** Requests of one key in a window; flooding control only, quotas that gate live in Postgres. */
  keyRequestsPerSecondMax: 2000,
  anonymousRequestsPerMinuteMax: 120,
  ...detectionLimits,
  /** Channels of one tenant, and characters of a channel's name and target. */
  channelsMax: 200,
  channelNameCharsMax: 80,
  channelTargetCharsMax: 2000,
  /** How often alerts that were opened are looked for, and how far back beside the last look. */
  routingPollMs: 500,
  routingOverlapMs: 90_000,
  /** Deliveries of one channel in an hour; what is beyond is given up at once, and shown. */
  deliveriesPerHourMax: 500,
  /** Channels that one process serves at a time; each has one delivery in hand. */
  channelsAtOnceMax: 32,
  /** How long a receiver may take, and how long a delivery in hand belongs to its process. */
  deliveryTimeoutMs: 15_000,
  deliveryLeaseMs: 120_000,
  /** Deliveries of a channel that are shown. */
  deliveriesShown: 50,
  /** What is kept of how a receiver answered. */
  deliveryAnswerCharsMax: 200,
  /** Transmitters of security events of one tenant; characters of an issuer; keys of one. */
  transmittersMax: 50,
  issuerCharsMax: 2000,
  transmitterKeysMax: 20,
  transmitterKeysCharsMax: 64 * 1024,
  /** One Security Event Token, and what may be pushed by one transmitter in a second. */
  securityEventBytesMax: 64 * 1024,
  securityEventsPerSecondMax: 50,
  /** By how much a transmitter's clock may be ahead of ours, and how old an event may be that acts. */
  securityEventSkewMs: 5 * 60_000,
  securityEventAgeMsMax: 7 * 24 * 60 * 60_000,
  /** Fetched keys count for so long, and are asked for no more often than this. */
  transmitterKeysFreshMs: 10 * 60_000,
  transmitterKeysPauseMs: 30_000,
  /** What is kept of an event: its own id, its type, its subject, its reason. */
  securityEventIdCharsMax: 256,
  securityEventTypeCharsMax: 256,
  securityEventSubjectCharsMax: 400,
  securityEventReasonCharsMax: 500,
  /** Received events that are shown. */
  receivedEventsShown: 50,
  /** Names kept on a trace's line in the list; the trace itself shows the rest. */
  traceToolsMax: 64,
  traceAgentsMax: 32,
  traceTitleCharsMax: 200,
  /** Events of one transaction of the assembler and of the indexer. */
  assembleEventsMax: 2000,
  indexEventsMax: 2000,
  /** Text of one event that search knows: characters looked at, words kept, length of a word. */
  searchCharsMax: 16_384,
  searchWordsMax: 512,
  searchWordCharsMax: 48,
  /** A row of the index takes no further event beyond this many words; a tsvector ends at 1 MB. */
  searchRowWordsMax: 2048,
  /** A search considers this many matching rows of the index at most, the newest ones. */
  searchHitsMax: 5000,
  /** The newest events are searched one by one, older ones by the index of words. */
  searchNewestMax: 20_000,
  searchQueryCharsMax: 200,
  /** Subjects of one event that a trace's facts name; more are counted. */
  traceFactSubjectsMax: 50,
  /** Events behind a reader of the log are counted up to here. */
  lagEventsMax: 10_000,
  /** Points of one series of counts. */
  countStepsMax: 3000,
  /** Arguments of one action, as canonical JSON; never cut. */
  argumentsBytesMax: 256 * 1024,
  /** Values in one action’s arguments that are looked at for recipients, rows and amounts. */
  argumentValuesMax: 10_000,
  /** The agent’s own words beside an action, and events that it says the action derives from. */
  actionReasonCharsMax: 4000,
  derivedEventsMax: 50,
  idempotencyKeyCharsMax: 128,
  /** A permit lives this long at most, by the database’s clock. */
  permitSeconds: 120,
  permitCharsMax: 4096,
  /** How long an agent may wait for a decision in one request. */
  decisionWaitSecondsMax: 30,
  /** Waits of one key that one process holds open; a further one is answered as it stands. */
  decisionWaitsPerKeyMax: 100,
  /** Who waits looks again this often, whatever signals it heard. */
  decisionPollMs: 2000,
  /** After a redeem the outcome is owed within this; later it is unknown. */
  outcomeDueSeconds: 15 * 60,
  /** How long an approved action may be given permits; time under a stop does not count. */
  approvedUseSeconds: 15 * 60,
  outcomeBytesMax: 256 * 1024,
  /** Lines of a coverage table, and actions of one chain answer. */
  coverageRowsMax: 1000,
  chainActionsMax: 500,
  /** By how much an agent's clock may differ from the database's when evidence is weighed. */
  evidenceSkewMs: 5_000,
  /** After a stop, an instance that does not acknowledge may have begun work for so long. */
  stopHeardMs: 30_000,
  /** How often refusals under a stop and outcomes that are owed are looked for, and how many. */
  holdSweepMs: 2_000,
  holdSweepRows: 500,
  /** Transactions behind the gate: their length, and how long they wait for a lock. */
  gateTransactionMs: 2000,
  gateLockMs: 1000,
  /** Of one tenant in one process: decisions' transactions at once before callers share one, and how many do. */
  sharedGatesMax: 3,
  sharedGateRidersMax: 16,
  /** The stop file is looked at this often beside every gate. */
  stopFileCheckMs: 250,
  /** A stop waits this long for what began before it; longer, another process finishes the drain. */
  drainWaitMs: 5000,
  /** How often drains that somebody left unfinished are looked for. */
  drainSweepMs: 2000,
  /** Streams of one process; bytes that one may leave unread; how often each is pinged and noted. */
  controlStreamsMax: 20_000,
  controlBufferBytesMax: 256 * 1024,
  controlPingMs: 15_000,
  /** How long a client that did not read has for the last word before it is cut. */
  controlFarewellMs: 5000,
  controlUpkeepMs: 3000,
  /** Changes that a stream which resumes is told one by one; beyond it, it begins afresh. */
  controlReplayMax: 1000,
  /** How often an agent without a stream is to send its heartbeat: it learns of a stop by the answer. */
  controlPollMs: 4000,
  /** A client that has not reached Signalbox for this long halts itself. */
  livenessLeaseMs: 30_000,
  /** An instance counts as silent after this, or after twice its usual interval. */
  quietMs: 10_000,
  /** Clocks of agents may run ahead of ours by this much before their work counts as new. */
  stopSkewMs: 2000,
  /** Events behind which the ladder no longer looks for an instance’s last work. */
  ladderEventsMax: 20_000,
  /** Rows of a ladder that are listed; all of them are counted, up to the second bound. */
  ladderRowsMax: 500,
  /** Standing stops whose ladders every page reads. */
  ladderStopsMax: 5,
  ladderInstancesMax: 20_000,
  /** An instance belongs to the ladder when it was heard of within this before the stop. */
  instanceMemoryMs: 24 * 60 * 60_000,
  /** From this level on a stop cuts credentials; from the second on evidence is held too. */
  cutLevel: 3,
  evidenceLevel: 4,
  /** Rows of each kind in held evidence; all are counted. */
  evidenceRowsMax: 500,
  /** Of a file of evidence: bytes of all event bodies together, and rows of the audit log. */
  evidenceBodiesBytesMax: 16 * 1024 * 1024,
  evidenceAuditRowsMax: 1000,
  /** How often what rules have ordered, and containments left unfinished, are looked for. */
  containmentSweepMs: 500,
  /** What rules may do by themselves in one tenant within an hour; beyond it people decide. */
  responsesPerHourMax: 5,
  /** What a rule stops with: running calls are told to end, no credential is cut. */
  responseStopLevel: 2,
  /** After so long another worker takes on what one has begun. */
  responseSilentMs: 30_000,
  /** Tries of one that fails, some two minutes in all, and the longest pause between two. */
  responseTriesMax: 8,
  responsePauseMsMax: 60_000,
  stopReasonCharsMax: 500,
  stopsMax: 1000,
  /** The second person lifts a tenant’s stop within this, or the first has to begin again. */
  liftPairMinutes: 30,
  /** One agent that works again while its stop stands is watched for this long. */
  resumptionWatchMinutes: 5,
  /** A lift from the command line takes effect after this. */
  liftHostMinutes: 30,
  /** Sealed arguments are destroyed so long after the end of their action, so many at a time. */
  sealedDaysAfterEnd: 30,
  sealedErasedAtOnce: 1000,
  /** A verdict’s reason, and votes of one approval. */
  voteReasonCharsMax: 2000,
  votesMax: 100,
  /** How often the arguments of one action may be edited, and their text as an editor writes it. */
  editsMax: 20,
  editedTextCharsMax: 1024 * 1024,
  /** A reviewer’s question, and the agent’s answer. */
  questionCharsMax: 4000,
  /** What an agent says of a denial that it calls false. */
  falseBlockCharsMax: 2000,
  /** Questions on one request. */
  questionsMax: 50,
  /** Earlier requests and events of the minute before that a request is shown with. */
  precedentsMax: 10,
  contextEventsMax: 50,
  /**
   * Untrusted events of a trace, characters of each and of all, in which stretches of opened arguments
   * are looked for, and stretches; what is beyond is said to be unread.
   */
  provenanceEventsMax: 200,
  provenanceBodyCharsMax: 256 * 1024,
  provenanceCharsMax: 4 * 1024 * 1024,
  provenanceCandidatesMax: 2000,
  /** The same while an agent waits for a decision, where it may cost a few milliseconds. */
  askedTracesMax: 20,
  askedEventsMax: 60,
  askedCharsMax: 64 * 1024,
  askedCandidatesMax: 300,
  /** Traces and sessions that a process remembers as tainted; a guess alone. */
  taintedUpstreamsMax: 10_000,
  /** Arguments named with their source in the factors of a risk. */
  untrustedArgumentsMax: 10,
  /** Findings shown beside the arguments of one request. */
  argumentFindingsMax: 200,
  /** Requests that wait are counted up to here; a page of the list reads this often at most. */
  approvalsCountedMax: 500,
  listRoundsMax: 20,
  /** Events of one trace that a page opens. */
  traceEventsMax: 20_000,
} as const;
