import { sha256Hex } from '#server/kernel/hash.ts';
import type { RiskInput } from './contract.ts';

/** Changes when the weights, bands or measures of this module change. */
const rulesVersion = 2;

/**
 * Under which policy a tool was judged: a short hash of what the tools table said of it and of the
 * version of our rules. Equal versions mean that the same action would be judged the same.
 */
export function policyVersionOf(tool: RiskInput['tool']): string {
  const facts = [
    rulesVersion,
    tool.name,
    tool.isKnown,
    tool.reversibility,
    tool.sensitivity,
    tool.blastRadius,
    tool.effectClass,
  ];
  return `tools-${sha256Hex(JSON.stringify(facts)).slice(0, 16)}`;
}
