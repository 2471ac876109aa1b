import { RE2JS } from 're2js';
import { limits } from '#server/kernel/limits.ts';
import type { Scalar } from '#server/detection/sigma/prepared-event.ts';
import type { Placeholders } from '#server/detection/sigma/rule-documents.ts';
import { RuleFault, type RulePath } from '#server/detection/sigma/rule-fault.ts';

/**
 * The values that a value with placeholders (`%admins%`, the modifier `expand`) stands for: one for
 * each value of a list, and every combination of several lists. A value that is nothing but a
 * placeholder keeps the type of the list's values; inside a pattern they are plain text.
 * @throws RuleFault `unknown_placeholder` for a list that the rule does not carry, as a rule that
 * looked for the text `%admins%` would seem to watch; `too_large`
 */
export function expandValue(
  value: Scalar | null,
  placeholders: Placeholders,
  isPattern: boolean,
  path: RulePath,
): readonly (Scalar | null)[] {
  if (typeof value !== 'string') return [value];
  const sole = /^%(\w+)%$/.exec(value)?.[1];
  if (sole !== undefined && !isPattern) return valuesOf(sole, placeholders, path);
  let texts = [''];
  let from = 0;
  for (const match of value.matchAll(/%(\w+)%/g)) {
    const between = value.slice(from, match.index);
    from = match.index + match[0].length;
    const inserted = valuesOf(match[1] ?? '', placeholders, path).map((item) =>
      isPattern ? RE2JS.quote(String(item)) : String(item),
    );
    if (texts.length * inserted.length > limits.ruleNodesMax) {
      throw new RuleFault('too_large', path, `At most ${limits.ruleNodesMax} values.`);
    }
    texts = texts.flatMap((text) => inserted.map((item) => text + between + item));
  }
  return texts.map((text) => text + value.slice(from));
}

function valuesOf(name: string, placeholders: Placeholders, path: RulePath): readonly Scalar[] {
  const values = Object.hasOwn(placeholders, name) ? placeholders[name] : undefined;
  if (values === undefined) {
    throw new RuleFault(
      'unknown_placeholder',
      path,
      `Nothing says what %${name}% stands for: list its values under signalbox.placeholders.`,
    );
  }
  return values;
}
