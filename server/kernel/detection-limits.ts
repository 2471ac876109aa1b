/**
 * The bounds of alerts, rules, their windows, baselines and backtests: a part of `limits`, which is
 * what everything reads.
 */
export const detectionLimits = {
  /** Evidence rows kept for one alert; the count goes on beyond it. */
  alertEvidenceMax: 200,
  /** Different canaries that the page of an alert tells of. */
  alertCanariesMax: 20,
  /** Matches of one rule and group within this much event time are one alert. */
  alertWindowMs: 60 * 60_000,
  /** Actions that one alert names. */
  alertActionsMax: 20,
  /** Events and traces named in a list's line of an alert; the detail shows the rest. */
  alertListEvidenceMax: 20,
  alertTracesMax: 20,
  /** A note on resolving an alert. */
  alertNoteCharsMax: 2000,
  /** Alerts that one press may change, and steps of one alert's history that are shown. */
  alertsAtOnceMax: 200,
  alertStepsShownMax: 200,
  /** How long an alert may be snoozed, and for how long a step may be undone. */
  alertSnoozeDaysMax: 90,
  /** An archived alert comes back after at least so many more events. */
  alertEscalationEventsMin: 10,
  alertUndoMinutes: 15,
  /** How late (event time) an event may come and still join its window. */
  allowedLatenessMs: 10 * 60_000,
  /** Groups of one rule's windows at a time; beyond it the oldest go, with an overflow alert. */
  ruleGroupsMax: 10_000,
  /** Time of one rule for one batch of the detector; then it is left out, with an overflow alert. */
  ruleBatchMs: 1000,
  /** A group-by value; longer ones are cut and told apart by a hash. */
  groupValueCharsMax: 128,
  /** All group-by values together, as a key; longer ones are hashed. */
  groupKeyCharsMax: 500,
  /** An agent has habits once it has called tools this often; before, no tool is new to it. */
  firstUseCallsMin: 50,
  /** Tools remembered for one agent. */
  firstUseToolsMax: 2000,
  /** Destinations read from one call, and remembered for one agent. */
  destinationsPerCallMax: 50,
  destinationsKnownMax: 5000,
  /** An agent has habits of sending once it has sent to this many places; before, none is new. */
  destinationsHabitMin: 10,
  /** Traces of one agent whose calls and tokens are counted, and tools whose definition is known. */
  talliedTracesMax: 32,
  toolDefinitionsMax: 500,
  /** Events, and bytes of each, of a trace in which a destination is looked for. */
  destinationEventsMax: 500,
  destinationBodyBytesMax: 256 * 1024,
  /** Untrusted text, newest first, that the arguments of one call are held against; stretches; found. */
  linkedCharsMax: 128 * 1024,
  linkedCandidatesMax: 500,
  linkedPathsMax: 20,
  /** An error rate says something over this many events, within this much event time. */
  errorRateEventsMin: 20,
  errorRateWindowMs: 5 * 60_000,
  /** Tools of one agent that have a baseline of their own; the others stand together. */
  baselineToolsMax: 64,
  /** A tool's calls an hour say what is usual after so many hours, and of the latest so many. */
  baselineHoursMin: 24,
  baselineHoursMax: 30 * 24,
  /** Ended calls from which a share of failures is known, beyond which old ones weigh less, and in the hour. */
  baselineEndedMin: 100,
  baselineEndedMax: 10_000,
  baselineHourEndedMin: 10,
  /** Calls of an agent, and of what a step follows, before a step is unusual; beyond it counts halve. */
  baselineCallsMin: 200,
  baselineContextsMin: 30,
  baselineCallsMax: 20_000,
  /** Pairs of a context and what followed it, of one agent; the least seen go. */
  baselinePairsMax: 1500,
  /** Shapes of a tool's arguments that are remembered, and calls before one is new. */
  shapesMax: 32,
  shapeCallsMin: 50,
  /** Of one shape: keys of an object, and characters. */
  shapeKeysMax: 64,
  shapeCharsMax: 1000,
  /** Recipients and hosts of a tool that are remembered, and calls that named some before one is new. */
  toolDestinationsMax: 200,
  toolDestinationCallsMin: 30,
  /** Data classes and resources of one event, and of one agent; events before one is new. */
  scopesPerEventMax: 40,
  scopesKnownMax: 500,
  scopeEventsMin: 50,
  /** The mix of tools is looked at after so many calls, every so many; measures needed and kept. */
  driftCallsMin: 500,
  driftEveryCalls: 20,
  driftSamplesMin: 20,
  driftSamplesMax: 100,
  /** Readings of baselines that one alert shows. */
  alertReadingsMax: 10,
  /** How often a tenant's windows are closed and forgotten, and how many closed at a time. */
  windowSweepMs: 10_000,
  windowSweepRows: 1000,
  /** Traces, and agents, that a replay over history remembers at a time. */
  replayTracesMax: 5000,
  /** How long a filter's page may try the tests of the rules that it is put on; the rest are untried. */
  filterTestsMsMax: 1000,
  /** Texts that are kept read, for finding what filters name; shipped ones are the same for all. */
  ruleTextsReadMax: 500,
  /** Compiled rule packs that one process keeps, one for each tenant. */
  rulePacksMax: 1000,
  /** Events that the detector takes in one transaction. */
  detectorEventsMax: 2000,
  /** A label such as `AML.T0051.001`. */
  ruleLabelCharsMax: 64,
  /** A pack of rules that is imported: its bytes, and its rules. */
  packBytesMax: 768 * 1024,
  packRulesMax: 200,
  /** Tests that a rule must bring to be approved, of each kind; events that its tests may make. */
  ruleTestsMin: 3,
  ruleTestEventsMax: 20_000,
  /** What one version in the shadow would have opened is kept up to here, and shown up to there. */
  shadowMatchesMax: 10_000,
  shadowMatchesShown: 50,
  /** A backtest looks back so many days at most, and at so many events. */
  backtestDaysMax: 90,
  backtestEventsMax: 5_000_000,
  /** Alerts after which a rule fires too often to count on. */
  backtestAlertsMax: 100_000,
  /** Samples that a backtest keeps, and backtests of one rule that are listed. */
  backtestSamplesMax: 20,
  backtestsShown: 10,
  /** Backtests of one tenant that wait or run. */
  backtestsAtOnceMax: 5,
  /** How often backtests that wait are looked for, and how long a running one may be silent. */
  backtestPollMs: 500,
  backtestSilentMs: 30_000,
  /** Events of one read of a backtest; between reads it lets others work and says how far it is. */
  backtestReadEvents: 5000,
  /** Rules of one tenant. */
  rulesMax: 1000,
  /** A rule document. */
  ruleSourceBytesMax: 64 * 1024,
  /** Inside a rule document: documents of one source, nesting, nodes, values, wildcards, pattern. */
  ruleDocumentsMax: 64,
  ruleDepthMax: 16,
  ruleNodesMax: 10_000,
  ruleValueCharsMax: 4096,
  ruleWildcardsMax: 64,
  rulePatternCharsMax: 1024,
  rulePatternInstructionsMax: 10_000,
  /** A rule's condition: tokens and nested parentheses. */
  ruleConditionTokensMax: 512,
  ruleConditionDepthMax: 32,
  /** A correlation's window. */
  ruleTimespanMsMax: 30 * 24 * 60 * 60_000,
  /** Events remembered for one group: at least, and at most whatever the threshold. */
  windowEntriesMin: 1000,
  windowEntriesMax: 40_000,
  /** Entries of a window that are kept in a row of their own once there are so many. */
  windowPartEntries: 64,
  /** Tenants whose rule windows a detector keeps in memory, and entries of one tenant's windows. */
  windowTenantsKept: 100,
  windowEntriesKept: 200_000,
  windowGroupsKept: 20_000,
  /** Leaves of one event that a rule may look at. */
  eventLeavesMax: 10_000,
} as const;
