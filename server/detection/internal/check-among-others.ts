import type { Tx } from '#db/client.ts';
import { checkRuleSource, type SourceCheck } from '#server/detection/check-rule-source.ts';
import { readTexts } from '#server/detection/internal/read-running.ts';
import { joinRules, namesOutside, withText } from '#server/detection/join-rules.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** What is right and wrong with a rule's text, with the rules of other sources that it counts. */
export async function checkAmongOthers(tx: Tx, ctx: Ctx, source: string): Promise<SourceCheck> {
  const alone = checkRuleSource(source);
  // Most texts count nobody else: what they say of themselves is all.
  if (alone.rule === null || namesOutside(source).length === 0) return alone;
  const { ruleId, texts } = withText(await readTexts(tx, ctx), { name: alone.rule.name, source });
  return checkRuleSource(source, joinRules(texts).foreignTo(ruleId));
}
