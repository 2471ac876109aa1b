import type { ActionChain } from '#server/actions/contract.ts';

/** One link of a chain as it is shown; `at` is null where it did not happen or nobody told of it. */
export interface ChainStep {
  readonly key: 'decision' | 'approval' | 'permit' | 'redeem' | 'call' | 'outcome';
  readonly name: string;
  readonly at: string | null;
  readonly words: string;
  /** Something that somebody should look at. */
  readonly isAmiss: boolean;
}

const decisionWords = { allow: 'allowed', hold: 'held for people', deny: 'denied' } as const;
const outcomeWords = { succeeded: 'succeeded', failed: 'failed' } as const;

/**
 * The links of an action's chain in their order. What a refusal ended has nothing after it; of what was
 * granted each later link is named, so that one that is missing is seen to be.
 */
export function chainSteps(chain: ActionChain): readonly ChainStep[] {
  const { approval, decision, permit } = chain;
  const steps = [step('decision', 'Asked', chain.decidedAt, decisionWords[decision])];
  if (decision === 'deny') return steps;
  if (decision === 'hold') {
    const result = approval?.result ?? null;
    steps.push(step('approval', 'People', approval?.at ?? null, result ?? 'not decided'));
    if (result !== 'approved' && permit === null) return steps;
  }
  return [...steps, ...permitSteps(chain), callStep(chain), outcomeStep(chain)];
}

function permitSteps({ permit, redeem }: ActionChain): readonly ChainStep[] {
  return [
    step('permit', 'Permit', permit?.issuedAt ?? null, permit ? 'issued' : 'not fetched'),
    step('redeem', 'Redeem', redeem?.at ?? null, redeem ? `by the ${redeem.by}` : 'not redeemed'),
  ];
}

function callStep({ call, redeem }: ActionChain): ChainStep {
  if (call !== null) return step('call', 'Call', call.startedAt, 'joined with its telemetry');
  const words = redeem === null ? 'none' : 'no telemetry of it yet';
  return step('call', 'Call', null, words);
}

function outcomeStep({ outcome }: ActionChain): ChainStep {
  if (outcome === null) return step('outcome', 'Outcome', null, 'not reported');
  const said = outcomeWords[outcome.status];
  const compared = {
    true: `${said}, as decided`,
    false: `${said}, but not what was decided`,
    null: `${said}; what ran was not told`,
  }[`${outcome.isAsDecided}`];
  const isAmiss = outcome.isAsDecided === false || outcome.status === 'failed';
  return { ...step('outcome', 'Outcome', outcome.at, compared), isAmiss };
}

const step = (
  key: ChainStep['key'],
  name: string,
  at: string | null,
  words: string,
): ChainStep => ({ key, name, at, words, isAmiss: false });
