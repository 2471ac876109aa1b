import type { PlacedScope, Stop } from '#server/gate/contract.ts';

type ScopeKind = PlacedScope['kind'];

/** What each kind of scope is called, alone and before a name. */
export const scopeWords: Readonly<
  Record<ScopeKind, { readonly word: string; readonly covers: string }>
> = {
  tenant: { word: 'whole tenant', covers: 'Every agent of this tenant.' },
  environment: { word: 'environment', covers: 'Every agent of one environment.' },
  agent: { word: 'agent', covers: 'One agent, with all of its instances.' },
  tree: { word: 'agent tree', covers: 'One agent and all that it has spawned.' },
  session: { word: 'session', covers: 'One run of an agent for somebody.' },
  tool: { word: 'tool', covers: 'One tool, whichever agent calls it.' },
  credential: { word: 'credential', covers: 'One credential, whoever holds it.' },
};

/**
 * Why somebody stops, by one press: under pressure nobody should have to write. The first one is
 * chosen beforehand, so that opening and holding stay the only two steps.
 */
export const stopReasons = [
  'Emergency; the reason follows',
  'Agent acts against its task',
  'Injected instructions suspected',
  'Data may be leaking',
  'Credential may be compromised',
  'Precaution during an investigation',
] as const;
export type StopReason = (typeof stopReasons)[number];

export interface LevelWords {
  readonly word: string;
  readonly does: string;
  /** What it leaves undone: said before it is pressed. */
  readonly cannot: string;
}

/** The levels, each with all that the ones below it do. */
export const offeredLevels = [1, 2, 3, 4] as const;
export type OfferedLevel = (typeof offeredLevels)[number];
/** From this level on credentials are cut, which cannot be undone. */
export const cutLevel = 3;

const levelWords: Readonly<Record<OfferedLevel, LevelWords>> = {
  1: {
    word: 'Pause new',
    does: 'Nothing new is granted or redeemed, held requests stand still, and leases end. What is running may finish.',
    cannot:
      'It does not end a call that is already running. Credentials stay valid where they were made.',
  },
  2: {
    word: 'Stop running',
    does: 'As 1, and agents that follow the control stream are told to cancel what runs. An agent that is stopped by name or by its environment and starts another one all the same has its whole tree stopped.',
    cannot:
      'What a stopped agent had started before goes on, unless its tree is stopped. It cannot end a call inside an agent that does not listen, empty the queue that an agent keeps for itself, nor undo what a tool has already done. Held requests go on after the lift; permits and leases from before it stay void. Credentials stay valid where they were made.',
  },
  3: {
    word: 'Isolate',
    does: 'As 2, and every credential that agents in the scope may take leases of is revoked where it was made. That cannot be undone.',
    cannot:
      'It cannot cut what an agent has from elsewhere than this broker, nor close its network. What nobody can probe is shown as unproven. Revoking needs a responder or an administrator: pressed by others, the stop stands and the cut waits for one.',
  },
  4: {
    word: 'Quarantine',
    does: 'As 3, and before the cut it is held as evidence which leases, credentials, requests, permits and instances the agents had, and where the log stood.',
    cannot:
      'It does not freeze memory: what agents remember is not kept here. It closes no network either, and cuts only what this broker knows.',
  },
};

/** What a level does and does not do, for one that was asked for elsewhere too. */
export function wordsOfLevel(level: number): LevelWords {
  return levelWords[level === 1 || level === 2 || level === 3 ? level : 4];
}

/** `agent billing-bot`, `whole tenant`: the scope as a sentence names it. */
export function nameScope(scope: PlacedScope): string {
  const { word } = scopeWords[scope.kind];
  return scope.kind === 'tenant' ? word : `${word} ${scope.label}`;
}

/** Where a stop stands; `lifting` has a lift ahead of it and is in force until then. */
export type StopPhase = 'draining' | 'standing' | 'lifting' | 'lifted';

/**
 * Phase of a stop at a moment. What has no acknowledgement is draining, whatever else is said of it:
 * nothing is called stopped before that.
 */
export function phaseOf(
  stop: Pick<Stop, 'state' | 'acknowledgedAt' | 'liftedAt'>,
  nowMs: number,
): StopPhase {
  const liftedMs = stop.liftedAt === null ? null : Date.parse(stop.liftedAt);
  if (stop.state === 'lifted' && (liftedMs === null || liftedMs <= nowMs)) return 'lifted';
  if (liftedMs !== null && liftedMs <= nowMs) return 'lifted';
  if (stop.acknowledgedAt === null) return 'draining';
  return liftedMs === null ? 'standing' : 'lifting';
}

/** Why nobody lifts it in this phase, in part or as a whole; null where they may. */
export function phaseRefusal(phase: StopPhase): string | null {
  return phase === 'draining'
    ? 'What was being granted is still waited for; this opens once the stop is confirmed.'
    : null;
}
