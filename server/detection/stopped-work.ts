import type { StopScopeKind } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';

/** A stop as it bears on what agents do; times in milliseconds by the database's clock. */
export interface StopSpan {
  readonly kind: StopScopeKind;
  /** What is matched: an agent's id, a session's, environment's or tool's name. */
  readonly scopeId: string;
  readonly placedAtMs: number;
  /** Null while it stands; may lie ahead. */
  readonly liftedAtMs: number | null;
  /** Of a tree: since when each of its agents was in it, root included, by id. */
  readonly members?: ReadonlyMap<string, number>;
}

/** Whose work it is. */
export interface WorkSubject {
  readonly agentId: string;
  readonly environment: string | null;
  readonly sessionId: string | null;
  readonly tool: string | null;
}

/**
 * A stop as it bears on one agent: that of a tree counts from when the agent was in it. Null where it
 * never was, or only after the lift. Pure.
 */
export function spanFor(stop: StopSpan, agentId: string): StopSpan | null {
  if (stop.kind !== 'tree') return stop;
  const since = stop.members?.get(agentId);
  if (since === undefined || (stop.liftedAtMs !== null && since >= stop.liftedAtMs)) return null;
  return { ...stop, placedAtMs: Math.max(stop.placedAtMs, since) };
}

/** Whether a stop's scope takes this work in. Pure. */
export function coversWork(stop: StopSpan, work: WorkSubject): boolean {
  switch (stop.kind) {
    case 'tenant':
      return true;
    case 'agent':
      return stop.scopeId === work.agentId;
    case 'environment':
      return stop.scopeId === work.environment;
    case 'session':
      return stop.scopeId === work.sessionId;
    case 'tool':
      return stop.scopeId === work.tool;
    case 'tree':
      return stop.members?.has(work.agentId) === true;
    case 'credential':
      // No event names a credential.
      return false;
  }
}

/**
 * Whether work that began at `atMs` violates a stop that covers it: it began after its instance had
 * acknowledged, or, where it acknowledged nothing, later than an instance may take to hear of it; and
 * before the lift. The clocks' skew is in the agent's favour at both ends. Pure.
 */
export function violatesStop(
  stop: StopSpan,
  acknowledgedAtMs: number | null,
  atMs: number,
): boolean {
  const heardMs = acknowledgedAtMs ?? stop.placedAtMs + limits.stopHeardMs;
  if (atMs <= heardMs + limits.evidenceSkewMs) return false;
  return stop.liftedAtMs === null || atMs < stop.liftedAtMs - limits.evidenceSkewMs;
}
