import type { Sql } from 'postgres';
import { z } from 'zod';
import { controlNouns } from '#db/enums.ts';
import { idOf, type TenantId, mintTenantId } from '#server/kernel/ids.ts';
import type { Log } from '#server/kernel/log.ts';

/** Something changed on the control plane, told at its commit. Read what it is now before acting. */
export interface ControlSignal {
  readonly noun: (typeof controlNouns)[number];
  readonly subjectId: string;
  readonly change: string;
  readonly agentId: string | null;
  /** Its place in `control_changes`. */
  readonly position: string;
}

/** `null` stands for "something may have been missed": read everything anew. */
export type ControlListener = (signal: ControlSignal | null) => void;

/** What changes on the control plane, as it is committed, for everyone who waits in this process. */
export interface ControlSignals {
  /** Answers how to unsubscribe. */
  readonly subscribe: (tenantId: TenantId, listener: ControlListener) => () => void;
  readonly close: () => Promise<void>;
}

const payloadSchema = z.object({
  t: z.uuid(),
  n: z.enum(controlNouns),
  s: z.string(),
  c: z.string(),
  a: z.uuid().nullable(),
  p: z.tuple([z.number(), z.string(), z.string()]),
});

/**
 * Listens on one connection of its own and fans out in memory. A notification that is lost with the
 * connection is made good by a `null` to everybody once it stands again, so a listener never relies on
 * having heard of a change: it is a reason to look, not a fact.
 */
export function createControlSignals(sql: Sql, log: Log): ControlSignals {
  const listeners = new Map<TenantId, Set<ControlListener>>();
  const tellAll = () => {
    for (const set of listeners.values()) for (const listener of set) listener(null);
  };
  const hear = (text: string) => {
    const parsed = payloadSchema.safeParse(parseJson(text));
    if (!parsed.success) {
      log.warn('a control notification could not be read');
      tellAll();
      return;
    }
    const { t, n, s, c, a, p } = parsed.data;
    const signal: ControlSignal = {
      noun: n,
      subjectId: s,
      change: c,
      agentId: a === null ? null : idOf('agent', a),
      position: p.map((digits) => BigInt(digits).toString(36)).join('-'),
    };
    const set = listeners.get(mintTenantId(idOf('tenant', t)));
    if (set) for (const listener of set) listener(signal);
  };
  const listening = sql.listen('signalbox_control', hear, tellAll);
  listening.catch((error: unknown) => log.error({ err: error }, 'control changes are not heard'));
  return {
    subscribe: (tenantId, listener) => {
      const set = listeners.get(tenantId) ?? new Set();
      listeners.set(tenantId, set.add(listener));
      return () => {
        set.delete(listener);
        if (set.size === 0) listeners.delete(tenantId);
      };
    },
    close: async () => {
      listeners.clear();
      // The database may be gone already; the connection ends with the pool then.
      await listening.then((one) => one.unlisten()).catch(() => undefined);
    },
  };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
