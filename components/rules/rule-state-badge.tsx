import type { Rule } from '#server/detection/contract.ts';
import { Badge, type BadgeTone } from '../ui/badge.tsx';

const looks: Readonly<Record<Rule['state'], { readonly word: string; readonly tone: BadgeTone }>> =
  {
    draft: { word: 'draft', tone: 'warn' },
    enabled: { word: 'on', tone: 'ok' },
    disabled: { word: 'off', tone: 'neutral' },
  };

/** Whether the detector runs a rule: one that is on and cannot run is not called so. */
export function RuleStateBadge({ state, fault }: Pick<Rule, 'state' | 'fault'>) {
  if (state === 'enabled' && fault !== null) return <Badge tone="danger">does not run</Badge>;
  return <Badge tone={looks[state].tone}>{looks[state].word}</Badge>;
}
