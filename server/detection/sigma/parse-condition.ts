import { limits } from '#server/kernel/limits.ts';
import { RuleFault, type RulePath } from '#server/detection/sigma/rule-fault.ts';

/**
 * A condition, read. Grammar (Sigma 2.1.0): `or` binds weakest, then `and`, `not`,
 * `1 of`/`any of`/`all of` with `them` or a pattern, and parentheses.
 */
export type Condition =
  | { readonly kind: 'and' | 'or'; readonly items: readonly Condition[] }
  | { readonly kind: 'not'; readonly item: Condition }
  | { readonly kind: 'selection'; readonly name: string };

interface Cursor {
  readonly tokens: readonly string[];
  readonly names: readonly string[];
  readonly path: RulePath;
  at: number;
  depth: number;
}

/**
 * Reads a condition against the names of the selections beside it; `of` is resolved to them, so
 * a pattern that covers no selection is an error instead of a rule that never fires.
 * @throws RuleFault `condition_syntax`, `unknown_selection`, `too_large`, `unsupported`
 */
export function parseCondition(text: string, names: readonly string[], path: RulePath): Condition {
  if (text.includes('|')) {
    throw new RuleFault(
      'unsupported',
      path,
      'Aggregations after "|" left Sigma: correlate instead.',
    );
  }
  const tokens = text.match(/[()]|[^\s()]+/g) ?? [];
  if (tokens.length > limits.ruleConditionTokensMax) {
    throw new RuleFault('too_large', path, `At most ${limits.ruleConditionTokensMax} words.`);
  }
  const cursor: Cursor = { tokens, names, path, at: 0, depth: 0 };
  const condition = parseOr(cursor);
  const rest = peek(cursor);
  if (rest !== null) fail(cursor, `"${rest}" is not expected here.`);
  return condition;
}

/** A condition as text, with as few parentheses as it needs. */
export function printCondition(condition: Condition): string {
  switch (condition.kind) {
    case 'selection':
      return condition.name;
    case 'not': {
      const { item } = condition;
      return `not ${item.kind === 'selection' ? item.name : `(${printCondition(item)})`}`;
    }
    case 'and':
    case 'or':
      return condition.items
        .map((item) => {
          const isLoose = item.kind === 'or' || (item.kind === 'and' && condition.kind === 'or');
          return isLoose ? `(${printCondition(item)})` : printCondition(item);
        })
        .join(` ${condition.kind} `);
  }
}

function fail(cursor: Cursor, message: string): never {
  throw new RuleFault('condition_syntax', cursor.path, message);
}

function peek(cursor: Cursor): string | null {
  return cursor.tokens[cursor.at] ?? null;
}

function takeWord(cursor: Cursor, word: string): boolean {
  if (peek(cursor)?.toLowerCase() !== word) return false;
  cursor.at += 1;
  return true;
}

function parseOr(cursor: Cursor): Condition {
  return parseChain(cursor, 'or', (inner) => parseChain(inner, 'and', parseNot));
}

function parseChain(
  cursor: Cursor,
  kind: 'and' | 'or',
  parseItem: (cursor: Cursor) => Condition,
): Condition {
  const first = parseItem(cursor);
  const items = [first];
  while (takeWord(cursor, kind)) items.push(parseItem(cursor));
  return items.length === 1 ? first : { kind, items };
}

function parseNot(cursor: Cursor): Condition {
  let isNegated = false;
  while (takeWord(cursor, 'not')) isNegated = !isNegated;
  const item = parseTerm(cursor);
  return isNegated ? { kind: 'not', item } : item;
}

function parseTerm(cursor: Cursor): Condition {
  const token = peek(cursor);
  if (token === null) fail(cursor, 'The condition ends where a selection is expected.');
  if (takeWord(cursor, '(')) return parseGroup(cursor);
  const isOf = cursor.tokens[cursor.at + 1]?.toLowerCase() === 'of';
  if (isOf) return parseOf(cursor);
  cursor.at += 1;
  if (!cursor.names.includes(token)) {
    const known = cursor.names.join(', ') || 'none';
    throw new RuleFault(
      'unknown_selection',
      cursor.path,
      `There is no selection "${token}" (there are: ${known}).`,
    );
  }
  return { kind: 'selection', name: token };
}

function parseGroup(cursor: Cursor): Condition {
  cursor.depth += 1;
  if (cursor.depth > limits.ruleConditionDepthMax) {
    throw new RuleFault('too_large', cursor.path, 'Too many nested parentheses.');
  }
  const inner = parseOr(cursor);
  if (!takeWord(cursor, ')')) fail(cursor, 'A closing parenthesis is missing.');
  cursor.depth -= 1;
  return inner;
}

function parseOf(cursor: Cursor): Condition {
  const quantifier = peek(cursor)?.toLowerCase();
  if (quantifier !== '1' && quantifier !== 'any' && quantifier !== 'all') {
    fail(cursor, `"${quantifier ?? ''} of" is not Sigma: use "1 of" or "all of".`);
  }
  const target = cursor.tokens[cursor.at + 2] ?? '';
  cursor.at += 3;
  if (target === '' || target === '(' || target === ')') {
    fail(cursor, `"${quantifier} of" needs "them" or a pattern such as selection_*.`);
  }
  const names = cursor.names.filter((name) => isCovered(name, target));
  const items = names.map((name): Condition => ({ kind: 'selection', name }));
  const [first] = items;
  if (first === undefined) {
    throw new RuleFault(
      'unknown_selection',
      cursor.path,
      `No selection is covered by "${target}".`,
    );
  }
  if (items.length === 1) return first;
  return { kind: quantifier === 'all' ? 'and' : 'or', items };
}

/** `them` covers every selection but those that begin with an underscore; `*` any text. */
function isCovered(name: string, target: string): boolean {
  if (target.toLowerCase() === 'them') return !name.startsWith('_');
  const [head = '', ...rest] = target.split('*');
  if (rest.length === 0) return name === target;
  if (!name.startsWith(head)) return false;
  const tail = rest.pop() ?? '';
  let at = head.length;
  for (const piece of rest) {
    const found = name.indexOf(piece, at);
    if (found === -1) return false;
    at = found + piece.length;
  }
  return name.length - tail.length >= at && name.endsWith(tail);
}
