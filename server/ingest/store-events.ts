import {
  type AgentDirectory,
  type AgentName,
  createAgentDirectory,
} from '#server/agents/resolve-agent.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { CanaryMatcher, KeptSecretMatcher } from '#server/guard/contract.ts';
import type { ToldSpawn } from '#server/gate/hold-spawning-trees.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import type { EventDraft } from '#server/telemetry/contract.ts';
import type { EventToInsert } from '#server/telemetry/encode-event.ts';
import type { GroupCommit } from '#server/telemetry/group-commit.ts';
import type { InsertOutcome } from '#server/telemetry/insert-events.ts';
import { comparePositions, encodePosition, type Position } from '#server/telemetry/position.ts';
import type { IngestAnswer, NormalisedEvent, RejectedEvent } from './contract.ts';
import { redactEvent } from './redact.ts';
import { createSpawnRecorder } from './spawn-recorder.ts';
import { createTenantKeys } from './tenant-key.ts';

/** The way of every event from any door into the log. */
export interface Ingest {
  /**
   * Redacts, classifies and stores decoded events; resolves when the accepted ones are durable.
   * @throws AppError `forbidden`, `store_unavailable`; the database's error when it is away.
   */
  readonly store: (
    ctx: Ctx,
    events: readonly NormalisedEvent[],
    onConflict: EventToInsert['onConflict'],
  ) => Promise<IngestAnswer>;
}

export interface IngestOptions {
  /** The process's one way into the log, shared with whoever else writes there. */
  readonly commit: GroupCommit;
  readonly derivationKey: Uint8Array;
  /** The tenant's compiled canaries; null when it has none. */
  readonly readCanaries: (ctx: Ctx) => Promise<CanaryMatcher | null>;
  /** Its kept secrets by their marks; null when it keeps none. */
  readonly readKept: (ctx: Ctx) => Promise<KeptSecretMatcher | null>;
}

/** Builds the one ingest of a process: its group commit and its memory of agents are shared. */
export function createIngest(options: IngestOptions): Ingest {
  const directory = createAgentDirectory();
  const spawns = createSpawnRecorder();
  const { commit } = options;
  const tenantKey = createTenantKeys(options.derivationKey);

  return {
    store: async (ctx, events, onConflict) => {
      requirePermission(ctx, 'telemetry.ingest');
      const tools = {
        tenantKey: tenantKey(ctx.tenantId),
        canaries: await options.readCanaries(ctx),
        kept: await options.readKept(ctx),
      };
      const rejected: RejectedEvent[] = [];
      const ready: { index: number; event: EventToInsert }[] = [];
      const names = new Map<string, AgentName | RejectedAgent>();
      const told: ToldSpawn[] = [];
      for (const item of events) {
        const agent = await nameAgent(ctx, directory.resolve, item, names);
        const child = 'code' in agent ? agent : await nameChild(ctx, directory.resolve, item);
        if ('code' in agent) rejected.push({ index: item.index, ...agent });
        else if (child !== null && 'code' in child) rejected.push({ index: item.index, ...child });
        else {
          if (child !== null) {
            const { startedAt } = item.draft;
            told.push({ parentId: agent.id, childId: child.id, startedAt });
          }
          ready.push({ index: item.index, event: prepare(ctx, item, agent, onConflict, tools) });
        }
      }
      // Before anything is stored: no stop of a tree is answered with "its child was not known yet".
      await spawns.record(ctx, told);
      const outcomes = await commit.store(
        ctx.tenantId,
        ready.map((item) => item.event),
      );
      return summarise(ready, outcomes, rejected);
    },
  };
}

interface RejectedAgent {
  readonly code: RejectedEvent['code'];
  readonly detail: string;
}

function prepare(
  ctx: Ctx,
  item: NormalisedEvent,
  agent: AgentName,
  onConflict: EventToInsert['onConflict'],
  tools: Parameters<typeof redactEvent>[1],
): EventToInsert {
  const isVerified = ctx.actor.type === 'key' && ctx.actor.kind === 'agent';
  return {
    event: flagSkew(redactEvent(item.draft, tools), Date.now()),
    agentId: agent.id,
    agentSlug: agent.slug,
    // An agent's own key is as explicit as a name can be: no late parent overrides it.
    agentExplicit: isVerified || item.isAgentExplicit,
    isVerified,
    onConflict,
  };
}

/** Says of an event that it claims to have started in our future. */
export function flagSkew<E extends Pick<EventDraft, 'startedAt' | 'flags'>>(
  event: E,
  now: number,
): E {
  const isAhead = Date.parse(event.startedAt) > now + limits.clockSkewMs;
  return isAhead ? { ...event, flags: [...event.flags, 'clock_skew'] } : event;
}

/** Whose event this is: an agent key's own agent, or the one that the event claims. */
async function nameAgent(
  ctx: Ctx,
  resolve: (ctx: Ctx, name: string) => Promise<AgentName>,
  item: NormalisedEvent,
  names: Map<string, AgentName | RejectedAgent>,
): Promise<AgentName | RejectedAgent> {
  const own = ctx.actor.type === 'key' ? ctx.actor.agent : null;
  const claimed = item.draft.agent;
  if (own) {
    const isOwn = claimed === null || claimed === own.slug || claimed === own.id;
    if (isOwn || !item.isAgentExplicit) return own;
    return {
      code: 'agent_mismatch',
      detail: `This key belongs to agent ${own.slug}; post events of another agent with a key of its own.`,
    };
  }
  if (claimed === null) {
    return {
      code: 'unprocessable',
      detail: `Name the agent of the event at /events/${item.index}/agent.`,
    };
  }
  const known = names.get(claimed) ?? (await resolveOrReject(ctx, resolve, claimed));
  names.set(claimed, known);
  return known;
}

/** Whom an event says that its agent started; null for all but spawns. */
async function nameChild(
  ctx: Ctx,
  resolve: AgentDirectory['resolve'],
  item: NormalisedEvent,
): Promise<AgentName | RejectedAgent | null> {
  return item.spawned === null ? null : resolveOrReject(ctx, resolve, item.spawned);
}

async function resolveOrReject(
  ctx: Ctx,
  resolve: (ctx: Ctx, name: string) => Promise<AgentName>,
  claimed: string,
): Promise<AgentName | RejectedAgent> {
  try {
    return await resolve(ctx, claimed);
  } catch (error) {
    if (isAppError(error) && (error.code === 'not_found' || error.code === 'unprocessable')) {
      return { code: error.code, detail: error.message };
    }
    throw error;
  }
}

function summarise(
  ready: readonly { index: number; event: EventToInsert }[],
  outcomes: readonly InsertOutcome[],
  rejected: RejectedEvent[],
): IngestAnswer {
  let accepted = 0;
  let duplicates = 0;
  let last: Position | null = null;
  outcomes.forEach((outcome, at) => {
    const index = ready[at]?.index ?? at;
    switch (outcome.status) {
      case 'accepted':
        accepted += 1;
        if (outcome.position && (last === null || comparePositions(outcome.position, last) > 0)) {
          last = outcome.position;
        }
        break;
      case 'duplicate':
        duplicates += 1;
        break;
      case 'conflict':
        rejected.push({
          index,
          code: 'id_conflict',
          detail: 'Another event was stored under this id; give each event an id of its own.',
        });
        break;
      case 'failed':
        rejected.push({
          index,
          code: 'unprocessable',
          detail: 'The database refuses this event; check its times and texts.',
        });
        break;
    }
  });
  rejected.sort((a, b) => a.index - b.index);
  return { accepted, duplicates, rejected, position: last === null ? null : encodePosition(last) };
}
