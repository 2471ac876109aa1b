import {
  detectEvent,
  type EvaluatedEvent,
  type RuleFinding,
} from '#server/detection/evaluate-event.ts';
import type { RulePack } from '#server/detection/rule-pack.ts';

/**
 * Runs the single-event rules that read `field` over something that is no event of the batch: what
 * the hold tells of an action, or an earlier call that lost its permit. Rules that do not look at that
 * field have nothing new to see, and correlations take a call in once, when it arrives.
 */
export function detectTold(pack: RulePack, field: string, told: EvaluatedEvent): RuleFinding[] {
  return detectEvent(pack, told).findings.filter(
    ({ rule }) => rule.kind === 'detection' && rule.fields.includes(field),
  );
}
