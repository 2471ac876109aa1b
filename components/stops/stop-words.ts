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

/** The levels that can be asked for here. Further ones need what does not exist yet. */
export const offeredLevels = [1, 2] as const;
export type OfferedLevel = (typeof offeredLevels)[number];

const levelWords: Readonly<Record<OfferedLevel, LevelWords>> = {
  1: {
    word: 'Pause new',
    does: 'Nothing new is granted or redeemed. What is running may finish.',
    cannot: 'It does not end a call that is already running.',
  },
  2: {
    word: 'Stop running',
    does: 'Nothing new is granted or redeemed, and agents are told to cancel what runs.',
    cannot:
      'It cannot end a call inside an agent that does not listen, nor undo what a tool has already done. Credentials stay valid.',
  },
};

const beyond: LevelWords = {
  word: 'Isolate',
  does: 'Nothing new is granted or redeemed, and agents are told to cancel what runs.',
  cannot:
    'Leases, egress and memory are not held here, so nothing more than level 2 is enforced. Credentials stay valid.',
};

/** What a level does and does not do, for one that was asked for elsewhere too. */
export function wordsOfLevel(level: number): LevelWords {
  return level === 1 || level === 2 ? levelWords[level] : beyond;
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
