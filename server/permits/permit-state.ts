import type { PermitState } from './contract.ts';

/** What the state of an action's latest permit follows from. */
export interface PermitStateFacts {
  /** Null where none was ever issued. */
  readonly permit: {
    /** Epoch of the stops that was read when it was issued. */
    readonly epoch: number;
    readonly expiresAtMs: number;
  } | null;
  readonly redeemedAtMs: number | null;
  readonly stops: {
    /** A stop covers the action now. */
    readonly isHalted: boolean;
    /** Highest epoch of any stop that covers or covered it; 0 for none. */
    readonly lastEpoch: number;
  };
}

/** The state of a permit at `nowMs`, the database's clock; null where none was issued. Pure. */
export function permitState(facts: PermitStateFacts, nowMs: number): PermitState | null {
  if (facts.redeemedAtMs !== null) return 'redeemed';
  if (facts.permit === null) return null;
  // Dead for good, also after the lift.
  if (facts.stops.lastEpoch > facts.permit.epoch || facts.stops.isHalted) return 'halted';
  return nowMs < facts.permit.expiresAtMs ? 'live' : 'expired';
}
