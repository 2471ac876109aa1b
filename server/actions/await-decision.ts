import type { HoldTools } from '#server/approvals/hold-tools.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import type { ControlSignal } from '#server/live/control-signals.ts';
import { mayIssueAgain } from './action-state.ts';
import type { ActionAnswer } from './contract.ts';
import { issuePermit } from './issue-permit.ts';
import { type ActionView, presentView, readOwnAction } from './read-action.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';

/**
 * An agent's action as it stands, as soon as there is something to do about it or the wait is over.
 * An approved one gets its permit here. No connection of the database is held while waiting: a signal
 * of the control plane is a reason to look again, and a slow poll finds what no signal told (expiry).
 * Beyond `limits.decisionWaitsPerKeyMax` waits of one key it answers at once.
 * @throws AppError `forbidden`, `not_found`.
 */
export async function awaitDecision(
  ctx: Ctx,
  tools: HoldTools,
  input: { readonly id: string; readonly waitSeconds: number },
): Promise<ActionAnswer> {
  requirePermission(ctx, 'actions.ask');
  const { agent } = agentOf(ctx);
  const leave = enter(ctx);
  const untilMs = performance.now() + (leave === null ? 0 : input.waitSeconds * 1000);
  const bell = listen(ctx, tools, agent.id);
  try {
    let rung = bell.next();
    let view = await settle(ctx, tools, await readOwnAction(ctx, agent.id, input.id));
    for (;;) {
      const leftMs = untilMs - performance.now();
      if (view.derived.next !== 'wait' || leftMs <= 0) return await presentView(ctx, tools, view);
      const signal = await Promise.race([rung, bell.rest(Math.min(leftMs, limits.decisionPollMs))]);
      rung = bell.next();
      // An approval is tried at once: what it stands on is read behind the gate anyway.
      const isApproved = signal?.change === 'approved' && signal.subjectId === input.id;
      const tried = isApproved ? await issueUnlessHalted(ctx, tools, view) : null;
      view = tried ?? (await settle(ctx, tools, await readOwnAction(ctx, agent.id, input.id)));
    }
  } finally {
    bell.close();
    leave?.();
  }
}

/** Waits that are open in this process, by key. */
const waiting = new Map<string, number>();

/**
 * Counts one more wait of a key; null when it has as many open as it may: each looks into the database
 * again and again, and a key that opens thousands would ask for nothing else.
 */
function enter({ actor }: Ctx): (() => void) | null {
  const keyId = actor.type === 'key' ? actor.keyId : '';
  const open = waiting.get(keyId) ?? 0;
  if (open >= limits.decisionWaitsPerKeyMax) return null;
  waiting.set(keyId, open + 1);
  return () => {
    const left = (waiting.get(keyId) ?? 1) - 1;
    if (left > 0) waiting.set(keyId, left);
    else waiting.delete(keyId);
  };
}

/** Issues what may be issued. A stop that was placed meanwhile leaves the action as it is. */
async function settle(ctx: Ctx, tools: HoldTools, view: ActionView): Promise<ActionView> {
  if (!mayIssueAgain(view.facts, view.coverage.nowMs)) return view;
  return (await issueUnlessHalted(ctx, tools, view)) ?? view;
}

/** Null under a stop. */
async function issueUnlessHalted(
  ctx: Ctx,
  tools: HoldTools,
  view: ActionView,
): Promise<ActionView | null> {
  try {
    return await issuePermit(ctx, tools, view);
  } catch (error) {
    if (isAppError(error) && error.code === 'halted') return null;
    throw error;
  }
}

/** Rings when something changed that may concern this agent. */
interface Bell {
  /** Resolves at the next ring from now on; null when something may have been missed. */
  readonly next: () => Promise<ControlSignal | null>;
  readonly rest: (ms: number) => Promise<null>;
  readonly close: () => void;
}

function listen(ctx: Ctx, tools: HoldTools, agentId: string): Bell {
  let ring: (signal: ControlSignal | null) => void = () => undefined;
  let timer: NodeJS.Timeout | null = null;
  const concerns = (signal: ControlSignal | null) =>
    signal === null || signal.agentId === null || signal.agentId === agentId;
  const leave = tools.signals?.subscribe(ctx.tenantId, (signal) => {
    if (concerns(signal)) ring(signal);
  });
  return {
    next: () =>
      new Promise((resolve) => {
        ring = resolve;
      }),
    rest: (ms) =>
      new Promise((resolve) => {
        if (timer !== null) clearTimeout(timer);
        timer = setTimeout(() => resolve(null), ms);
      }),
    close: () => {
      leave?.();
      if (timer !== null) clearTimeout(timer);
    },
  };
}
