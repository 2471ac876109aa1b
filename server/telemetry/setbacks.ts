import type { TenantId } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';

interface Setback {
  readonly retryAtMs: number;
  readonly delayMs: number;
  readonly itemsMax: number;
}

/** What failed batches have led to, tenant by tenant. */
export interface Setbacks {
  /** Most items that the next batch may have; 0 while the tenant has to wait. */
  readonly allowance: (tenantId: TenantId, nowMs: number) => number;
  readonly onSuccess: (tenantId: TenantId) => void;
  /** Answers the delay until the next try, in milliseconds. */
  readonly onFailure: (tenantId: TenantId, nowMs: number) => number;
}

/**
 * A tenant whose batch failed waits, twice as long each time, and comes back with half the batch,
 * so that one bad event ends up alone and what was good before it goes through.
 */
export function createSetbacks(itemsMax: number): Setbacks {
  const setbacks = new Map<TenantId, Setback>();
  return {
    allowance: (tenantId, nowMs) => {
      const setback = setbacks.get(tenantId);
      if (!setback) return itemsMax;
      return nowMs < setback.retryAtMs ? 0 : setback.itemsMax;
    },
    onSuccess: (tenantId) => {
      setbacks.delete(tenantId);
    },
    onFailure: (tenantId, nowMs) => {
      const last = setbacks.get(tenantId);
      const delayMs = last
        ? Math.min(last.delayMs * 2, limits.tailRetryMsMax)
        : limits.tailRetryMsMin;
      setbacks.set(tenantId, {
        delayMs,
        retryAtMs: nowMs + delayMs,
        itemsMax: Math.max(1, Math.floor((last?.itemsMax ?? itemsMax) / 2)),
      });
      return delayMs;
    },
  };
}
