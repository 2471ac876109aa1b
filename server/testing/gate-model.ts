/**
 * The gate as a small machine: two decisions, a redeem of what the first of them granted, a stop, whoever
 * finishes its drain, and a lift, in every order of their steps and with a crash of each at every step.
 * The code is held against real connections elsewhere; here no interleaving is left to chance.
 */

/** How a gate may be built; only `sound` is ours, each of the others leaves one thing out. */
export type GateKind =
  | 'sound'
  /** The stops are read, and nothing is held. */
  | 'no lock'
  /** A row of the agent's is held, which no stop waits for. */
  | 'row lock'
  /** The snapshot is of the transaction's beginning, before the wait for the lock. */
  | 'repeatable read'
  /** What the process read once. */
  | 'cached epoch'
  /** The stop is known to the process that placed it. */
  | 'stop in memory'
  /** A permit from before the stop lives again after the lift. */
  | 'redeem without epoch'
  /** Acknowledged as soon as the row is there. */
  | 'no drain';

const actors = ['decide', 'decide again', 'redeem', 'stop', 'finish', 'lift'] as const;
type ActorName = (typeof actors)[number];

interface Actor {
  readonly at: number;
  readonly holds: 'shared' | 'alone' | null;
  /** What it has read: whether a stop stands, and the epoch. */
  readonly saw: { readonly isStopped: boolean; readonly epoch: number } | null;
}

export interface GateState {
  readonly actors: Readonly<Record<ActorName, Actor>>;
  /** Somebody waits to be alone; who comes to share waits behind. */
  readonly isAloneWaited: boolean;
  readonly stop: 'none' | 'draining' | 'acknowledged' | 'lifted';
  readonly wasAcknowledged: boolean;
  readonly epoch: number;
  /** Epoch of the permit that the first decision granted. */
  readonly permitEpoch: number | null;
  readonly granted: number;
  readonly isRedeemed: boolean;
  /** What must never be: how it came about. */
  readonly fault: string | null;
}

const over = 99;
const idle: Actor = { at: 0, holds: null, saw: null };
const start: GateState = {
  actors: {
    decide: idle,
    'decide again': idle,
    redeem: idle,
    stop: idle,
    finish: idle,
    lift: idle,
  },
  isAloneWaited: false,
  stop: 'none',
  wasAcknowledged: false,
  epoch: 0,
  permitEpoch: null,
  granted: 0,
  isRedeemed: false,
  fault: null,
};

type Change = Partial<Omit<GateState, 'actors'>>;

function moved(state: GateState, name: ActorName, actor: Partial<Actor>, change: Change = {}) {
  const actors = { ...state.actors, [name]: { ...state.actors[name], ...actor } };
  return { ...state, ...change, actors };
}

const ended = { at: over, holds: null, saw: null } as const;
const isHeldBy = (state: GateState, how: Actor['holds']) =>
  actors.some((name) => state.actors[name].holds === how);
const readNow = ({ stop, epoch }: GateState) => ({
  isStopped: stop === 'draining' || stop === 'acknowledged',
  epoch,
});

/** One step of a transaction behind the gate: begin, lock, read, commit. Null where it has to wait. */
function stepInside(
  state: GateState,
  name: 'decide' | 'decide again' | 'redeem',
  kind: GateKind,
): GateState | null {
  const me = state.actors[name];
  switch (me.at) {
    case 0:
      if (name === 'redeem' && state.permitEpoch === null) return null;
      return moved(state, name, { at: 1, saw: kind === 'repeatable read' ? readNow(state) : null });
    case 1:
      if (kind === 'no lock' || kind === 'row lock') return moved(state, name, { at: 2 });
      if (state.isAloneWaited || isHeldBy(state, 'alone')) return null;
      return moved(state, name, { at: 2, holds: 'shared' });
    case 2:
      return afterReading(state, name, kind);
    case 3:
      return committed(state, name);
    default:
      return null;
  }
}

function afterReading(state: GateState, name: ActorName, kind: GateKind): GateState {
  const isBlind = kind === 'cached epoch' || (kind === 'stop in memory' && name === 'decide again');
  const saw = isBlind ? { isStopped: false, epoch: 0 } : (state.actors[name].saw ?? readNow(state));
  const isDead =
    name === 'redeem' && kind !== 'redeem without epoch' && (state.permitEpoch ?? 0) < saw.epoch;
  return saw.isStopped || isDead ? moved(state, name, ended) : moved(state, name, { at: 3, saw });
}

function committed(state: GateState, name: ActorName): GateState {
  const epoch = state.actors[name].saw?.epoch ?? 0;
  const isUnderStop = state.stop === 'acknowledged';
  if (name !== 'redeem') {
    const isLate = isUnderStop ? `${name}: granted after the acknowledgement` : null;
    const permitEpoch = name === 'decide' ? epoch : state.permitEpoch;
    const change = { permitEpoch, granted: state.granted + 1, fault: isLate };
    return moved(state, name, ended, change);
  }
  const isFromBefore = state.wasAcknowledged && (state.permitEpoch ?? 0) < state.epoch;
  const revived = isFromBefore ? 'redeemed after the lift on a permit from before the stop' : null;
  const fault = isUnderStop ? 'redeemed after the acknowledgement' : revived;
  return moved(state, name, ended, { isRedeemed: true, fault });
}

/** The row, then the drain; `finish` is another process that takes over when the first is gone. */
function stepStop(state: GateState, name: 'stop' | 'finish', kind: GateKind): GateState | null {
  const me = state.actors[name];
  switch (me.at) {
    case 0:
      if (name === 'finish') {
        const isLeft = state.stop === 'draining' && state.actors.stop.at === over;
        return isLeft ? moved(state, name, { at: 1 }) : null;
      }
      return moved(state, name, { at: 1 }, { stop: 'draining', epoch: state.epoch + 1 });
    case 1:
      return kind === 'no drain'
        ? moved(state, name, { at: 3 })
        : moved(state, name, { at: 2 }, { isAloneWaited: true });
    case 2:
      if (isHeldBy(state, 'shared') || isHeldBy(state, 'alone')) return null;
      return moved(state, name, { at: 3, holds: 'alone' }, { isAloneWaited: false });
    case 3: {
      const isDraining = state.stop === 'draining';
      const change: Change = isDraining ? { stop: 'acknowledged', wasAcknowledged: true } : {};
      return moved(state, name, ended, change);
    }
    default:
      return null;
  }
}

function step(state: GateState, name: ActorName, kind: GateKind): GateState | null {
  switch (name) {
    case 'decide':
    case 'decide again':
    case 'redeem':
      return stepInside(state, name, kind);
    case 'stop':
    case 'finish':
      return stepStop(state, name, kind);
    case 'lift':
      if (state.actors.lift.at === over || state.stop !== 'acknowledged') return null;
      return moved(state, name, ended, { stop: 'lifted' });
  }
}

/** Its transaction is rolled back and its lock is free; what it had committed stays. */
function crashed(state: GateState, name: ActorName): GateState | null {
  const { at } = state.actors[name];
  if (at === 0 || at === over) return null;
  const isWaiting = (name === 'stop' || name === 'finish') && at === 2;
  return moved(state, name, ended, isWaiting ? { isAloneWaited: false } : {});
}

export interface GateHistory {
  /** How many different states were reached. */
  readonly states: number;
  /** What was broken, each once. */
  readonly faults: readonly string[];
  /** Where nobody could go on though somebody wanted to. */
  readonly stuck: number;
  /** What came about in some order: without these the model would prove nothing. */
  readonly reached: Readonly<Record<'redeemed' | 'refused' | 'granted before a stop', boolean>>;
}

/** Goes through every order of steps and crashes. */
export function exploreGate(kind: GateKind): GateHistory {
  const seen = new Map<string, GateState>([[JSON.stringify(start), start]]);
  const faults = new Set<string>();
  const reached = { redeemed: false, refused: false, 'granted before a stop': false };
  let stuck = 0;
  for (const state of seen.values()) {
    if (state.fault !== null) faults.add(state.fault);
    if (state.isRedeemed) reached.redeemed = true;
    if (state.granted > 0 && state.stop !== 'none') reached['granted before a stop'] = true;
    if (state.actors.decide.at === over && state.granted === 0) reached.refused = true;
    const next = actors.map((name) => step(state, name, kind)).filter((after) => after !== null);
    const wants = actors.some((name) => state.actors[name].at > 0 && state.actors[name].at < over);
    if (wants && next.length === 0) stuck += 1;
    const crashes = actors.map((name) => crashed(state, name)).filter((after) => after !== null);
    for (const after of [...next, ...crashes]) {
      const key = JSON.stringify(after);
      // A fault is kept, and nothing of it followed.
      if (!seen.has(key) && state.fault === null) seen.set(key, after);
    }
  }
  return { states: seen.size, faults: [...faults], stuck, reached };
}
