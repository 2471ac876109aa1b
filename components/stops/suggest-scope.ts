import type { PlacedScope, StopScope } from '#server/gate/contract.ts';

/** Kinds of scope that can be chosen here, widest first. */
export const offeredScopes = [
  'tenant',
  'environment',
  'agent',
  'tree',
  'tool',
  'session',
  'credential',
] as const satisfies readonly StopScope['kind'][];
export type OfferedScope = (typeof offeredScopes)[number];

/** What is being chosen: a kind, and the name that it still may lack. */
export interface ScopeDraft {
  readonly kind: OfferedScope;
  readonly id: string;
}

/** What the pages know of the things that they show; null where it is not known. */
export interface ScopeLookup {
  readonly agentOfAlert: (alertId: string) => string | null;
  readonly agentOfTrace: (traceId: string) => string | null;
}

const everything: ScopeDraft = { kind: 'tenant', id: '' };

/**
 * The scope that the dialog begins with: the agent that the page is about, where it is about one,
 * and everything otherwise. `path` and `query` are those of the page's address.
 */
export function suggestScope(
  path: string,
  query: Pick<URLSearchParams, 'get'>,
  lookup: ScopeLookup,
): ScopeDraft {
  const [, , , place, inner] = path.split('/');
  const alert = query.get('alert');
  const agent =
    (place === 'alerts' && alert !== null ? lookup.agentOfAlert(alert) : null) ??
    (place === 'traces' && inner !== undefined ? lookup.agentOfTrace(inner) : null) ??
    query.get('agent');
  return agent === null || agent === '' ? everything : { kind: 'agent', id: agent };
}

/** The draft as the server takes it; null while it lacks its name. */
export function toScope(draft: ScopeDraft): StopScope | null {
  if (draft.kind === 'tenant') return { kind: 'tenant' };
  const id = draft.id.trim();
  return id === '' ? null : { kind: draft.kind, id };
}

/** That an agent is in a tree, as far as the stop lists its members. */
export function isMember(scope: PlacedScope, agentId: string): boolean {
  return scope.id === agentId || scope.members?.includes(agentId) === true;
}

/** A stop that covers an agent by itself or by what it belongs to. Sessions and tools are parts. */
export function coversAgent(
  scope: PlacedScope,
  agent: { readonly id: string; readonly environment: string },
): boolean {
  if (scope.kind === 'tenant') return true;
  if (scope.kind === 'agent') return scope.id === agent.id;
  if (scope.kind === 'tree') return isMember(scope, agent.id);
  return scope.kind === 'environment' && scope.id === agent.environment;
}
