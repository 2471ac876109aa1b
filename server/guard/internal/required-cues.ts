/** Class letters as bits: those from `@` to `_` in one number, those from U+0060 to `~` in the other. */
export interface CueSet {
  readonly upper: number;
  readonly lower: number;
}

/** The set of one class letter; `null` for marks below `@`, which are in nearly every text. */
function setOf(char: string): CueSet | null {
  const code = char.charCodeAt(0);
  if (code < 64 || code > 127) return null;
  const bit = 1 << (code & 31);
  return code < 96 ? { upper: bit, lower: 0 } : { upper: 0, lower: bit };
}

const nothing: CueSet = { upper: 0, lower: 0 };

const union = (a: CueSet, b: CueSet): CueSet => ({
  upper: a.upper | b.upper,
  lower: a.lower | b.lower,
});

/** The set of several class letters; `null` when one of them is in nearly every text. */
function setOfAll(chars: string): CueSet | null {
  if (chars.includes('-')) return null;
  let all = nothing;
  for (const char of chars) {
    const one = setOf(char);
    if (one === null) return null;
    all = union(all, one);
  }
  return all;
}

const tokens =
  /\[\^[^\]]*\]|\[(?<members>[^\]]*)\]|\\(?<escaped>.)|(?<opens>\((?:\?[:=!])?)|(?<closes>\))|(?<or>\|)|(?<optional>[?*]|\{0,?\d*\})|[+]|\{\d+,?\d*\}|[.^$]|(?<literal>.)/g;

/** What each top-level alternative of a pattern needs; groups and look-aheads count as needing nothing. */
function needsByAlternative(source: string): (readonly CueSet[])[] {
  let needs: CueSet[] = [];
  const alternatives = [needs];
  let depth = 0;
  let isLastNeeded = false;
  for (const { groups = {} } of source.matchAll(tokens)) {
    if (groups['opens'] !== undefined) depth += 1;
    if (groups['closes'] !== undefined) depth -= 1;
    if (depth > 0 || groups['closes'] !== undefined) {
      isLastNeeded = false;
      continue;
    }
    if (groups['or'] !== undefined) {
      needs = [];
      alternatives.push(needs);
    } else if (groups['optional'] !== undefined && isLastNeeded) needs.pop();
    const chars = groups['members'] ?? groups['escaped'] ?? groups['literal'];
    const set = chars === undefined ? null : setOfAll(chars);
    if (set !== null) needs.push(set);
    isLastNeeded = set !== null;
  }
  return alternatives;
}

/**
 * Sets of class letters that a pattern over cues cannot do without: where it matches, a member of each
 * occurs. Worked out from the pattern's text, so the two cannot come apart.
 */
export function requiredCues(pattern: RegExp): readonly CueSet[] {
  const alternatives = needsByAlternative(pattern.source);
  if (alternatives.length === 1) return alternatives[0] ?? [];
  // Any alternative may match: one set that holds the first need of each.
  if (alternatives.some((needs) => needs.length === 0)) return [];
  return [alternatives.reduce((all, [first = nothing]) => union(all, first), nothing)];
}

/** Whether a text with these class letters may match a pattern with those needs. */
export function mayMatch(required: readonly CueSet[], { upper, lower }: CueSet): boolean {
  for (const set of required)
    if ((set.upper & upper) === 0 && (set.lower & lower) === 0) return false;
  return true;
}
