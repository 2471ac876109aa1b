import { LRUCache } from 'lru-cache';
import { type KnownAgents, knownAgents } from '#server/detection/internal/agent-memory.ts';
import { WindowCache } from '#server/detection/window-cache.ts';
import type { TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { comparePositions, type Position } from '#server/telemetry/position.ts';

/** What the detector knows of one tenant between batches, as it stood in the database at `at`. */
export interface TenantMemory {
  readonly windows: WindowCache;
  readonly agents: KnownAgents;
}

/** The memory of all tenants that this process detects for. */
export interface TenantMemories {
  /**
   * Memory for a batch that begins after `since`: what the batch before left, where that was this
   * process's own and was committed; else empty.
   */
  readonly take: (tenantId: TenantId, since: Position) => TenantMemory;
  /** What to do with the memory once the batch that ends at `last` is committed. */
  readonly settle: (tenantId: TenantId, last: Position, keep: () => void) => void;
  /** The batch that ends at `last` is committed. */
  readonly committed: (tenantId: TenantId, last: Position) => void;
  /** Forgets a tenant: its rows are changed by something else than batches. */
  readonly drop: (tenantId: TenantId) => void;
}

interface Kept {
  readonly memory: TenantMemory;
  at: Position;
  /** Its last batch is committed; false from when a batch takes it. */
  isTrue: boolean;
  pending: { readonly last: Position; readonly keep: () => void } | null;
}

/**
 * Reading windows and habits back with every batch cost more than judging the events. They change
 * only together with the detector's cursor, so whoever moved the cursor to where it stands knows them
 * still. A batch that failed, or whose end nobody knows, leaves no memory behind.
 */
export function createTenantMemories(): TenantMemories {
  const kept = new LRUCache<TenantId, Kept>({ max: limits.windowTenantsKept });
  return {
    take: (tenantId, since) => {
      const known = kept.get(tenantId);
      if (known?.isTrue === true && comparePositions(known.at, since) === 0) {
        known.isTrue = false;
        return known.memory;
      }
      const memory = { windows: new WindowCache(), agents: knownAgents() };
      kept.set(tenantId, { memory, at: since, isTrue: false, pending: null });
      return memory;
    },
    settle: (tenantId, last, keep) => {
      const known = kept.get(tenantId);
      if (known) known.pending = { last, keep };
    },
    committed: (tenantId, last) => {
      const known = kept.get(tenantId);
      if (!known?.pending || comparePositions(known.pending.last, last) !== 0) return;
      known.pending.keep();
      known.at = last;
      known.isTrue = true;
      known.pending = null;
      if (isTooLarge(known.memory)) kept.delete(tenantId);
    },
    drop: (tenantId) => {
      kept.delete(tenantId);
    },
  };
}

function isTooLarge({ windows, agents }: TenantMemory): boolean {
  return (
    windows.entries > limits.windowEntriesKept ||
    windows.groups > limits.windowGroupsKept ||
    agents.looked.size > limits.windowGroupsKept
  );
}
