import type { InstanceCapability, StopReceiptState } from '#db/enums.ts';
import { limits } from '#server/kernel/limits.ts';
import type { LadderStep } from './contract.ts';
import { type CutFacts, proveCut } from './cut-proof.ts';

/** What is known of one instance under a stop. Times are milliseconds of the database's clock. */
export interface InstanceFacts {
  /** What it answered, under its own key; null when nothing was delivered or answered. */
  readonly receipt: {
    readonly state: StopReceiptState;
    readonly inFlight: number | null;
    readonly deliveredAtMs: number | null;
    readonly acknowledgedAtMs: number | null;
  } | null;
  readonly capabilities: readonly InstanceCapability[];
  /** When it last beat or answered; of one that never beat, when its stream was last open; null without either. */
  readonly reachedAtMs: number | null;
  /** Start of the latest thing it is known to have done; null when nothing since the stop is known. */
  readonly lastStartedAtMs: number | null;
  /** When we last received anything of it. */
  readonly lastSeenAtMs: number | null;
  /** Usual time between its exports; null when unknown. */
  readonly exportIntervalMs: number | null;
  /** Calls that began and have not ended, as telemetry and heartbeat tell. */
  readonly openCalls: number;
  /** Permits of the agent that were redeemed and owe an outcome. */
  readonly owing: number;
  /** False when more happened since the stop than is looked at: silence cannot be concluded. */
  readonly isComplete: boolean;
  /** Since when and until when a web is known to have listened without a gap; null: none is. */
  readonly listening: { readonly fromMs: number; readonly untilMs: number } | null;
  /** Its agent's leases and credentials; null under a stop that does not cut them. */
  readonly cut: CutFacts | null;
}

export interface LadderVerdict {
  readonly step: LadderStep;
  readonly evidence: string;
}

const seconds = (ms: number) => `${Math.max(0, Math.round(ms / 1000))} s`;

/**
 * On which step of the ladder an instance stands. Only evidence makes it quiet or cut: its own word with
 * nothing in flight, or silence long enough while it was heard, or its own lease run out, or proof that nothing
 * it holds is alive; and none of these against work that is known to be running or to have begun since. Pure.
 */
export function ladderStep(facts: InstanceFacts, placedAtMs: number, nowMs: number): LadderVerdict {
  const reached = reachedStep(facts, placedAtMs, nowMs);
  if (facts.cut === null) return reached;
  const { isCut, says } = proveCut(facts.cut);
  const isBusy = busyReason(facts, placedAtMs) !== null;
  // Also for one that nobody reaches: without a credential it can do nothing more with them.
  if (isCut && !isBusy) return { step: 'cut', evidence: `${says} ${reached.evidence}` };
  return { ...reached, evidence: `${reached.evidence} ${says}` };
}

function reachedStep(facts: InstanceFacts, placedAtMs: number, nowMs: number): LadderVerdict {
  const { receipt } = facts;
  const busy = busyReason(facts, placedAtMs);
  if (busy === null) {
    const quiet = quietReason(facts, placedAtMs, nowMs);
    if (quiet !== null) return { step: 'quiet', evidence: quiet };
  }
  const because = `${busy === null ? '' : ` ${busy}`}${lostLink(facts, nowMs)}`;
  if (receipt?.state === 'refused') {
    return { step: 'refused', evidence: `It refused; its next call will be refused.${because}` };
  }
  if (receipt?.state === 'not_capable') {
    return {
      step: 'not_capable',
      evidence: `It cannot stop by itself; its next call will be refused.${because}`,
    };
  }
  if (receipt?.state === 'acknowledged' || receipt?.state === 'stopped') {
    const inFlight = receipt.inFlight === null ? 'an unknown number of' : String(receipt.inFlight);
    const said = `It acknowledged with ${inFlight} calls in flight.`;
    return { step: 'acknowledged', evidence: `${said}${because}` };
  }
  if (receipt?.state === 'delivered') {
    return {
      step: 'delivered',
      evidence: `The stop was written to its stream; no answer yet.${because}`,
    };
  }
  return unheard(facts, nowMs, busy === null ? '' : ` ${busy}`);
}

/** What it answered is old news once its link is lost. */
function lostLink({ reachedAtMs }: InstanceFacts, nowMs: number): string {
  const awayMs = reachedAtMs === null ? 0 : nowMs - reachedAtMs;
  return awayMs > limits.livenessLeaseMs ? ` Not reached for ${seconds(awayMs)} since.` : '';
}

/** Why it cannot be quiet, whatever it says; null when nothing speaks against it. */
function busyReason(facts: InstanceFacts, placedAtMs: number): string | null {
  const from = Math.max(placedAtMs, facts.receipt?.acknowledgedAtMs ?? 0) + limits.stopSkewMs;
  if (facts.lastStartedAtMs !== null && facts.lastStartedAtMs > from) {
    return `Work began ${seconds(facts.lastStartedAtMs - placedAtMs)} after the stop.`;
  }
  if (facts.owing > 0) {
    return facts.owing === 1
      ? '1 redeemed permit owes an outcome.'
      : `${facts.owing} redeemed permits owe an outcome.`;
  }
  if (facts.openCalls > 0) {
    return facts.openCalls === 1
      ? '1 call is known to be running.'
      : `${facts.openCalls} calls are known to be running.`;
  }
  return null;
}

function quietReason(facts: InstanceFacts, placedAtMs: number, nowMs: number): string | null {
  if (facts.receipt?.state === 'stopped' && facts.receipt.inFlight === 0) {
    return 'It said that it stopped with nothing in flight, and nothing speaks against it.';
  }
  if (!facts.isComplete) return null;
  const halted = haltedByItself(facts, placedAtMs, nowMs);
  if (halted !== null) return halted;
  const { listening } = facts;
  // Nobody was heard while no web listened: an instance may have worked, and its exports may be on their way.
  if (listening === null) return null;
  const waitMs = Math.max(limits.quietMs, 2 * (facts.exportIntervalMs ?? 0));
  const fromMs = Math.max(placedAtMs, facts.lastStartedAtMs ?? 0, listening.fromMs);
  const untilMs = Math.min(silentUntil(facts, placedAtMs, nowMs), listening.untilMs);
  const sinceMs = untilMs - fromMs;
  if (sinceMs < waitMs) return null;
  const since = fromMs === listening.fromMs ? 'Signalbox listens again' : 'the stop';
  return `Nothing began since ${since}, for ${seconds(sinceMs)} (needed: ${seconds(waitMs)}), and nothing is known to be running.`;
}

/** Whether it was away so long when the stop came that its lease had run out. */
const wasAway = (reachedAtMs: number, placedAtMs: number): boolean =>
  reachedAtMs < placedAtMs - limits.livenessLeaseMs;

/**
 * Until when its silence tells something. One whose link was lost is silent because nobody hears it, so only
 * what was silent while it was still reached counts; also where that was long before the stop, unless it had
 * said that it halts itself then. One that never followed a stream is heard by what it exports.
 */
function silentUntil(
  { reachedAtMs, capabilities }: InstanceFacts,
  placedAtMs: number,
  nowMs: number,
): number {
  if (reachedAtMs === null) return nowMs;
  const hadHalted = capabilities.includes('liveness') && wasAway(reachedAtMs, placedAtMs);
  return hadHalted ? nowMs : Math.min(nowMs, reachedAtMs);
}

/**
 * Its liveness lease has run out since the stop; only one that said so halts itself then. It may have heard us
 * for as long again after we last heard it: its line may have broken just before its next heartbeat.
 */
function haltedByItself(
  { reachedAtMs, capabilities }: InstanceFacts,
  placedAtMs: number,
  nowMs: number,
): string | null {
  if (reachedAtMs === null || wasAway(reachedAtMs, placedAtMs)) return null;
  const awayMs = nowMs - reachedAtMs;
  if (!capabilities.includes('liveness') || awayMs <= 2 * limits.livenessLeaseMs) return null;
  return `Not reached for ${seconds(awayMs)}, twice its lease: it says that it halts itself when it hears nothing for ${seconds(limits.livenessLeaseMs)}, and nothing began since the stop.`;
}

function unheard(facts: InstanceFacts, nowMs: number, because: string): LadderVerdict {
  const { reachedAtMs } = facts;
  if (reachedAtMs === null) {
    return {
      step: 'requested',
      evidence: `It follows no control stream; only what it asks for is refused.${because}`,
    };
  }
  const awayMs = nowMs - reachedAtMs;
  if (awayMs > limits.livenessLeaseMs) {
    return {
      step: 'unreachable',
      evidence: `Not reached for ${seconds(awayMs)}; its next call will be refused.${because}`,
    };
  }
  return { step: 'requested', evidence: `Not delivered yet.${because}` };
}
