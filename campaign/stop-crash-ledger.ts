import type { Manner } from './stop-crash-agents.ts';

/** What can be wrong, each with a count in the verdict. */
const faultKinds = [
  /** A press without an answer was there in part, or its repeat was told otherwise than it is. */
  'pressHalf',
  'repeatUntrue',
  /** Called acknowledged while what began before could still go on. */
  'calledActive',
  /** Asked, redeemed, leased or introspected with success under a stop. */
  'granted',
  /** Green without right: an instance at work, one that violates its stop, one that nobody reaches. */
  'shownUnproven',
  'violatorGreen',
  'unreachableGreen',
  'bannerUntrue',
  'answerMadeUp',
  /** A stream that begins again did not tell of the stop, or not of the change that it missed. */
  'untold',
  'unreplayed',
  /** What a person did, without its effect or with half of it, or more than once. */
  'resumedUntrue',
  'heldUntrue',
  'liftedUntrue',
  'listUntrue',
  /** A credential was called cut that its provider honours. */
  'cutUntrue',
] as const;
export type StopFault = (typeof faultKinds)[number];

/** What was seen over all rounds. */
export class StopLedger {
  /** Ladders that were looked at, and how often whom they showed green with right. */
  looks = 0;
  readonly green: Record<Manner, number> = {
    truthful: 0,
    liar: 0,
    poller: 0,
    silent: 0,
    exporter: 0,
  };
  readonly faults = Object.fromEntries(faultKinds.map((kind) => [kind, 0])) as Record<
    StopFault,
    number
  >;
  readonly stopIds = new Set<string>();
  /** When each was first acknowledged, by the database's clock. */
  readonly acknowledged = new Map<string, string>();
  /** Agents that have to have one alert of a violation, and those that must have none. */
  readonly violators = new Set<string>();
  readonly faithful = new Set<string>();

  fault(kind: StopFault, detail: string): void {
    this.faults[kind] += 1;
    process.stderr.write(`  ${kind}: ${detail}\n`);
  }
}
