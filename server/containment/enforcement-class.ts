import { limits } from '#server/kernel/limits.ts';
import type { Enforcement } from './contract.ts';

/** What our own records say of an agent; never what it claims. */
export interface EnforcementFacts {
  /** Decisions that it asked for, in the last 30 days. */
  readonly asked: number;
  /** Redeems of its permits by an enforcer's key and by its own, in the last 30 days. */
  readonly redeemedByEnforcer: number;
  readonly redeemedByAgent: number;
  /** Calls of governed tools that telemetry showed, and those of them without a redeemed permit. */
  readonly governedCalls: number;
  readonly bypassedCalls: number;
  /** Instances heard of in the last day, and those of them whose stream or poll is there now. */
  readonly instances: number;
  readonly connectedInstances: number;
}

/**
 * How surely an agent can be stopped, and within how many seconds at worst. A class is earned by what
 * was seen to happen: redeems by an enforcer, streams that are open on every instance, decisions that
 * were asked for. One bypass, or one instance that is not connected, and the weaker class is stated.
 * Pure.
 */
export function enforcementClass(facts: EnforcementFacts): Enforcement {
  const evidence = evidenceOf(facts);
  const isBypassed = facts.bypassedCalls > 0;
  const isGated = facts.redeemedByEnforcer > 0 && facts.redeemedByAgent === 0 && !isBypassed;
  if (isGated) return { class: 'gated', boundSeconds: 0, evidence };
  const isConnected =
    facts.instances > 0 && facts.connectedInstances === facts.instances && !isBypassed;
  if (isConnected) {
    return { class: 'connected', boundSeconds: limits.livenessLeaseMs / 1000, evidence };
  }
  if (facts.asked > 0 && !isBypassed) {
    return { class: 'asks', boundSeconds: limits.permitSeconds, evidence };
  }
  return { class: 'observed', boundSeconds: null, evidence };
}

function evidenceOf(facts: EnforcementFacts): string[] {
  const redeems = facts.redeemedByEnforcer + facts.redeemedByAgent;
  const lines = [
    facts.asked === 0
      ? 'It has not asked for a decision in 30 days.'
      : `It asked for ${facts.asked} decisions in 30 days.`,
  ];
  if (redeems > 0) {
    lines.push(`${facts.redeemedByEnforcer} of ${redeems} permits were redeemed by an enforcer.`);
  }
  if (facts.governedCalls > 0) {
    const covered = facts.governedCalls - facts.bypassedCalls;
    lines.push(
      `${covered} of ${facts.governedCalls} calls of governed tools had a redeemed permit.`,
    );
  }
  lines.push(
    facts.instances === 0
      ? 'No instance was heard of in a day.'
      : `${facts.connectedInstances} of ${facts.instances} instances follow the control stream now.`,
  );
  return lines;
}
