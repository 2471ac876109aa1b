import { gradeMeanings } from '#server/agents/states/contract.ts';
import type { RiskBand } from '#db/enums.ts';
import type { Risk, RiskFactor, RiskInput } from './contract.ts';

/** The least score of each band, highest first. */
export const bandFloors = { critical: 92, high: 70, medium: 50, low: 0 } as const satisfies Record<
  RiskBand,
  number
>;

/** What each circumstance adds, as a part of the score that the tool and its arguments give. */
export const circumstanceWeights = {
  untrustedUpstream: 0.25,
  untrustedArgument: 0.1,
  openAlerts: 0.15,
  firstUse: 0.1,
  production: 0.05,
} as const;

/**
 * The risk of one action: reversibility × sensitivity × blast radius, then its circumstances. The
 * three grades multiply as a geometric mean of grade + 1, because a plain product lets one harmless
 * grade hide two bad ones. What is not known counts as the worst. Pure.
 */
export function assessRisk(input: RiskInput): Risk {
  const { tool } = input;
  const blast = blastRadiusOf(input);
  const grades = (tool.reversibility + 1) * (tool.sensitivity + 1) * (blast.grade + 1);
  const base = 100 * Math.cbrt(grades / 125);
  const circumstances = circumstancesOf(input);
  const added = circumstances.reduce((sum, one) => sum + one.weight, 0);
  const score = Math.min(100, Math.round(base * (1 + added)));
  return { score, band: bandOf(score), factors: factorsOf(input, blast, circumstances) };
}

/** The band that a score falls into. */
export function bandOf(score: number): RiskBand {
  if (score >= bandFloors.critical) return 'critical';
  if (score >= bandFloors.high) return 'high';
  return score >= bandFloors.medium ? 'medium' : 'low';
}

const meaning = (fact: keyof typeof gradeMeanings, grade: number): string =>
  gradeMeanings[fact][grade] ?? 'unknown';

function factorsOf(
  { tool }: RiskInput,
  blast: Blast,
  circumstances: readonly Circumstance[],
): RiskFactor[] {
  const from = tool.isKnown ? `as ${tool.name} is registered` : 'nobody registered this tool';
  return [
    {
      name: 'reversibility',
      value: tool.reversibility,
      reason: `${meaning('reversibility', tool.reversibility)}; ${from}`,
    },
    {
      name: 'sensitivity',
      value: tool.sensitivity,
      reason: `${meaning('sensitivity', tool.sensitivity)}; ${from}`,
    },
    { name: 'blast_radius', value: blast.grade, reason: blast.reason },
    ...circumstances.map(({ name, value, reason, sources }) => ({
      name,
      value,
      reason,
      ...(sources && { sources }),
    })),
  ];
}

interface Blast {
  readonly grade: number;
  readonly reason: string;
}

/** Grade of a count by the first bound that it stays below. */
const gradeBelow = (count: number, bounds: readonly number[]): number => {
  const at = bounds.findIndex((bound) => count < bound);
  return at === -1 ? 4 : at;
};

/** The tool's own reach, or more when the arguments reach further. */
function blastRadiusOf({ tool, measures }: RiskInput): Blast {
  const registered = tool.isKnown ? `as ${tool.name} is registered` : 'nobody registered this tool';
  const found: Blast[] = [
    {
      grade: tool.blastRadius,
      reason: `${meaning('blastRadius', tool.blastRadius)}; ${registered}`,
    },
  ];
  if (!measures.isComplete) {
    found.push({ grade: 4, reason: 'more arguments than are looked at' });
  }
  if (measures.recipients !== null) {
    const grade = gradeBelow(measures.recipients, [1, 2, 10, 100]);
    found.push({ grade, reason: `${measures.recipients} addressees are named` });
  }
  if (measures.rows !== null) {
    const grade = gradeBelow(measures.rows, [1, 2, 101, 10_001]);
    found.push({
      grade,
      reason: `${grade === 4 ? 'more than 10,000' : 'some'} rows are asked for`,
    });
  }
  if (tool.effectClass === 'money' && tool.isKnown) found.push(moneyOf(measures.amountMagnitude));
  return found.reduce((worst, one) => (one.grade > worst.grade ? one : worst));
}

/** Below 1,000 an amount adds nothing; from 100,000 on it is the worst. */
function moneyOf(magnitude: number | null): Blast {
  if (magnitude === null) return { grade: 4, reason: 'no amount could be read from the arguments' };
  const grade = magnitude < 3 ? 0 : Math.min(4, magnitude - 1);
  return { grade, reason: `an amount of ${10 ** Math.min(magnitude, 15)} or more` };
}

interface Circumstance extends RiskFactor {
  readonly weight: number;
}

/** The circumstances that count, each with its reason; those that do not are left out. */
function circumstancesOf(input: RiskInput): Circumstance[] {
  const weights = circumstanceWeights;
  const found: Circumstance[] = [];
  if (input.hasUntrustedUpstream !== false) {
    found.push({
      name: 'untrusted_upstream',
      value: input.hasUntrustedUpstream ?? 'unknown',
      weight: weights.untrustedUpstream,
      reason:
        input.hasUntrustedUpstream === null
          ? 'the trace is not known, so what it read counts as untrusted'
          : 'the trace has read untrusted content',
    });
  }
  found.push(...untrustedArgument(input));
  if (input.openAlerts !== 0) {
    found.push({
      name: 'open_alerts',
      value: input.openAlerts ?? 'unknown',
      weight: weights.openAlerts,
      reason: 'alerts are open on this agent or session',
    });
  }
  if (input.isFirstUse !== false) {
    found.push({
      name: 'first_use',
      value: input.isFirstUse ?? 'unknown',
      weight: weights.firstUse,
      reason: 'this agent has not run this tool here before',
    });
  }
  if (input.environment === null || input.environment === 'production') {
    found.push({
      name: 'environment',
      value: input.environment ?? 'unknown',
      weight: weights.production,
      reason: 'the agent runs in production',
    });
  }
  return found;
}

/** What an argument came from, beside the trace having read it: none where all was read and nothing found. */
function untrustedArgument({ untrustedArguments }: RiskInput): Circumstance[] {
  if (untrustedArguments === undefined) return [];
  const { links, isWhole } = untrustedArguments;
  if (links.length === 0 && isWhole) return [];
  const names = links.map(({ argument }) => argument).join(', ');
  const isFound = links.length > 0;
  return [
    {
      name: 'untrusted_argument',
      value: isFound ? true : 'unknown',
      weight: circumstanceWeights.untrustedArgument,
      reason: isFound
        ? `untrusted content had it before the call: ${names}`
        : 'not all untrusted content could be read, so an argument counts as coming from it',
      ...(isFound ? { sources: links } : {}),
    },
  ];
}
