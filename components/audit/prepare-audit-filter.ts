import type { ActorType, AuditAction } from '#server/audit/contract.ts';
import { parseTimeRange, resolveTimeRange } from '../ui/time-range.ts';

/** The filters of the explorer as its URL holds them; null where nothing is chosen. */
export interface AuditUrlFilters {
  readonly actor: string | null;
  readonly type: ActorType | null;
  readonly action: AuditAction | null;
  readonly subject: string | null;
  /** As `parseTimeRange` reads it; null for all time. */
  readonly range: string | null;
}

/** What the server is asked for; absent where nothing narrows. */
export interface AskedAuditFilter {
  readonly actor?: string;
  readonly actorType?: ActorType;
  readonly actions?: AuditAction[];
  readonly subject?: string;
  readonly from?: string;
  readonly to?: string;
}

const minuteMs = 60_000;

/**
 * The question to the server. A relative range is resolved against `nowMs`, rounded up to the
 * minute, so that a page which is drawn twice asks the same question; it stays open at its end.
 */
export function toAuditFilter(url: AuditUrlFilters, nowMs: number): AskedAuditFilter {
  const range = url.range === null ? null : parseTimeRange(url.range);
  const span =
    range === null ? null : resolveTimeRange(range, Math.ceil(nowMs / minuteMs) * minuteMs);
  return {
    ...(url.actor === null ? {} : { actor: url.actor }),
    ...(url.type === null ? {} : { actorType: url.type }),
    ...(url.action === null ? {} : { actions: [url.action] }),
    ...(url.subject === null ? {} : { subject: url.subject }),
    ...(span === null ? {} : { from: new Date(span.fromMs).toISOString() }),
    ...(span === null || range?.kind !== 'absolute'
      ? {}
      : { to: new Date(span.toMs).toISOString() }),
  };
}

/** Whether anything narrows the list: an empty one then says so. */
export function hasAuditFilters(url: AuditUrlFilters): boolean {
  return [url.actor, url.type, url.action, url.subject, url.range].some((value) => value !== null);
}
