import { RE2JS } from 're2js';
import { limits } from '#server/kernel/limits.ts';
import { isScannable } from '#server/detection/literal-scan.ts';
import { encodeValue } from '#server/detection/sigma/encode-value.ts';
import { expandValue } from '#server/detection/sigma/expand-value.ts';
import type { Comparison, FieldPlan, TimePart } from '#server/detection/sigma/field-modifiers.ts';
import { compileNetwork } from '#server/detection/sigma/match-network.ts';
import {
  foldText,
  type PreparedEvent,
  type PreparedField,
  type Scalar,
} from '#server/detection/sigma/prepared-event.ts';
import type { Placeholders } from '#server/detection/sigma/rule-documents.ts';
import { type Guard, guardText, type Guards } from '#server/detection/sigma/rule-guard.ts';
import { RuleFault, type RulePath } from '#server/detection/sigma/rule-fault.ts';
import {
  compilePattern,
  literalOf,
  parsePattern,
  shapeParts,
  type PatternPart,
} from '#server/detection/sigma/text-pattern.ts';
import { timePartOf } from '#server/detection/sigma/time-part.ts';

/** One question about an event. `cost` orders questions so that cheap ones are asked first. */
export interface Test {
  readonly cost: number;
  /** Names of the fields it reads; `*` for a keyword, which reads them all. */
  readonly fields: readonly string[];
  readonly guards: Guards;
  readonly run: (event: PreparedEvent) => boolean;
}

type FieldTest = (field: PreparedField, event: PreparedEvent) => boolean;

/**
 * Compiles one key with its values. Values of a list are alternatives, or all required under `all`;
 * `neq` denies the whole, so an absent field differs from every value.
 * @throws RuleFault `value_type`, `pattern`, `modifier_conflict`, `unknown_placeholder`
 */
export function compileField(
  plan: FieldPlan,
  values: readonly (Scalar | null)[],
  isList: boolean,
  path: RulePath,
  placeholders: Placeholders,
): Test {
  if (plan.isAll && values.length < 2) {
    throw new RuleFault('modifier_conflict', path, '"all" needs a list of two values or more.');
  }
  const tests = values.map((value, index) => {
    const at = isList ? [...path, index] : path;
    if (!plan.isExpanded) return compileValue(plan, value, isList, at);
    const expanded = expandValue(value, placeholders, plan.matcher === 'regex', at);
    return combineTests(
      expanded.map((item) => compileValue(plan, item, true, at)),
      false,
    );
  });
  const combine: FieldTest = combineTests(tests, plan.isAll);
  const name = plan.field;
  const target = name === null ? keywordsOf : (event: PreparedEvent) => event.field(name);
  const isNegated = plan.isNegated;
  return {
    cost: costOf(plan),
    fields: [name ?? '*', ...(plan.matcher === 'fieldref' ? values : [])].filter(
      (field) => typeof field === 'string',
    ),
    guards: guardsOf(plan, values),
    run: (event) => combine(target(event), event) !== isNegated,
  };
}

/** What an event needs so that a key can hold: one of the values, a part of one, or the field. */
function guardsOf(plan: FieldPlan, values: readonly (Scalar | null)[]): Guards {
  const { field, matcher } = plan;
  if (field === null || plan.isNegated || values.includes(null)) return null;
  const present: Guard = { kind: 'present', field, text: '' };
  if (matcher === 'exists') return values.includes(false) ? null : [present];
  const isPlain =
    matcher === 'text' &&
    plan.timePart === null &&
    !plan.isExpanded &&
    plan.encodings.length === 0 &&
    !plan.isDashFolded;
  const guards = values.map((value): Guard => {
    // A number equals its other spellings, too.
    if (!isPlain || (typeof value === 'number' && plan.shape === 'whole')) return present;
    const literal = literalOf(parsePattern(String(value)));
    if (literal === null) return present;
    if (plan.shape === 'whole') return { kind: 'value', field, text: guardText(literal) };
    const text = literal.toLowerCase();
    return isScannable(text) ? { kind: 'part', field, text } : present;
  });
  return plan.isAll ? guards.slice(0, 1) : guards;
}

function keywordsOf(event: PreparedEvent): PreparedField {
  return event.keywords();
}

function combineTests(tests: readonly FieldTest[], isAll: boolean): FieldTest {
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return only;
  return isAll
    ? (field, event) => tests.every((test) => test(field, event))
    : (field, event) => tests.some((test) => test(field, event));
}

function costOf(plan: FieldPlan): number {
  if (plan.field === null) return 5;
  if (plan.matcher === 'regex') return 4;
  if (plan.matcher === 'text' && plan.shape === 'contains') return 3;
  return plan.matcher === 'text' && plan.shape !== 'whole' ? 2 : 1;
}

function compileValue(
  plan: FieldPlan,
  value: Scalar | null,
  isList: boolean,
  path: RulePath,
): FieldTest {
  if (value === null) {
    const isPlain = plan.matcher === 'text' && plan.shape === 'whole' && plan.timePart === null;
    if (isList || !isPlain || plan.field === null || plan.encodings.length > 0) {
      throw new RuleFault('value_type', path, 'null stands alone, without list or modifier.');
    }
    return (field) => field.isNull;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value) && Number.isInteger(value)) {
    throw new RuleFault('value_type', path, 'This number is not exact: write it in quotes.');
  }
  switch (plan.matcher) {
    case 'text':
      return plan.timePart === null
        ? compileText(plan, value, path)
        : compileNumber('eq', plan.timePart, value, path);
    case 'regex':
      return compileRegex(plan, value, path);
    case 'cidr':
      return compileCidr(value, path);
    case 'exists':
      if (typeof value !== 'boolean') {
        throw new RuleFault('value_type', path, '"exists" takes true or false.');
      }
      return (field) => field.isPresent === value;
    case 'fieldref':
      return compileReference(plan, value, path);
    case 'lt':
    case 'lte':
    case 'gt':
    case 'gte':
      return compileNumber(plan.matcher, plan.timePart, value, path);
  }
}

function compileText(plan: FieldPlan, value: Scalar, path: RulePath): FieldTest {
  if (typeof value !== 'string' && plan.encodings.length === 0 && plan.shape === 'whole') {
    if (plan.field !== null) return compileExact(value);
  }
  const parts = parsePattern(String(value));
  checkValue(String(value), parts, path);
  const { isCased, isDashFolded } = plan;
  const fold = (text: string) => foldText(text, isCased, isDashFolded);
  // A keyword is looked for anywhere in the event (Sigma 2.1.0, "Keywords search").
  const shape = plan.field === null && plan.shape === 'whole' ? 'contains' : plan.shape;
  const matchers = encodeParts(plan, parts, path).map((encoded) =>
    compilePattern(shapeParts(encoded, shape), fold),
  );
  const [only] = matchers;
  const test =
    only !== undefined && matchers.length === 1
      ? only
      : (text: string) => matchers.some((matches) => matches(text));
  return (field) => {
    for (const text of field.texts(isCased, isDashFolded)) if (test(text)) return true;
    return false;
  };
}

function checkValue(value: string, parts: readonly PatternPart[], path: RulePath): void {
  if (value.length > limits.ruleValueCharsMax) {
    throw new RuleFault('too_large', path, `At most ${limits.ruleValueCharsMax} characters.`);
  }
  if (parts.filter((part) => typeof part === 'string').length > limits.ruleWildcardsMax) {
    throw new RuleFault('too_large', path, `At most ${limits.ruleWildcardsMax} wildcards.`);
  }
}

function encodeParts(
  plan: FieldPlan,
  parts: readonly PatternPart[],
  path: RulePath,
): (readonly PatternPart[])[] {
  if (plan.encodings.length === 0) return [parts];
  const literal = literalOf(parts);
  if (literal === null) {
    throw new RuleFault('pattern', path, 'A wildcard cannot be encoded: write the plain text.');
  }
  let values = [{ text: literal, isBytes: false }];
  for (const encoding of plan.encodings) {
    values = values.flatMap((value) => encodeValue(value, encoding));
  }
  return values.map((value) => (value.text === '' ? [] : [{ literal: value.text }]));
}

/** Numbers and booleans compare as values, whether the event holds them as such or as text. */
function compileExact(value: number | boolean): FieldTest {
  const text = String(value);
  return (field) =>
    field.values.some((candidate) => {
      if (candidate === value) return true;
      if (typeof candidate !== 'string') return false;
      const lower = candidate.trim().toLowerCase();
      return lower === text || (typeof value === 'number' && numberOf(candidate) === value);
    });
}

/** The number a field holds; null when it holds none. */
export function numberOf(value: Scalar): number | null {
  if (typeof value === 'number') return value;
  if (typeof value !== 'string' || !/^\s*[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?\s*$/i.test(value)) {
    return null;
  }
  const number = Number(value);
  return Number.isFinite(number) ? number : null;
}

function compileNumber(
  comparison: Comparison | 'eq',
  timePart: TimePart | null,
  bound: Scalar,
  path: RulePath,
): FieldTest {
  if (typeof bound !== 'number') {
    throw new RuleFault('value_type', path, `"${timePart ?? comparison}" takes a number.`);
  }
  const holds = comparators[comparison];
  const read = timePart === null ? numberOf : (value: Scalar) => timePartOf(value, timePart);
  return (field) =>
    field.values.some((value) => {
      const number = read(value);
      return number !== null && holds(number, bound);
    });
}

const comparators: Record<Comparison | 'eq', (value: number, bound: number) => boolean> = {
  lt: (value, bound) => value < bound,
  lte: (value, bound) => value <= bound,
  gt: (value, bound) => value > bound,
  gte: (value, bound) => value >= bound,
  eq: (value, bound) => value === bound,
};

/** Patterns run only through RE2: V8 took 12 s over a 28-character evil input. */
function compileRegex(plan: FieldPlan, value: Scalar, path: RulePath): FieldTest {
  if (typeof value !== 'string') {
    throw new RuleFault('value_type', path, '"re" takes a pattern as text.');
  }
  if (value.length > limits.rulePatternCharsMax) {
    throw new RuleFault('too_large', path, `At most ${limits.rulePatternCharsMax} characters.`);
  }
  let flags = 0;
  if (plan.regexFlags.includes('i')) flags |= RE2JS.CASE_INSENSITIVE;
  if (plan.regexFlags.includes('m')) flags |= RE2JS.MULTILINE;
  if (plan.regexFlags.includes('s')) flags |= RE2JS.DOTALL;
  let pattern: RE2JS;
  try {
    pattern = RE2JS.compile(value, flags);
  } catch (error) {
    const detail = error instanceof Error ? error.message : String(error);
    throw new RuleFault('pattern', path, `This pattern does not compile: ${detail}.`);
  }
  if (pattern.programSize() > limits.rulePatternInstructionsMax) {
    throw new RuleFault('too_large', path, 'This pattern repeats too much: shorten its counts.');
  }
  return (field) => field.texts(true, false).some((text) => pattern.test(text));
}

function compileCidr(value: Scalar, path: RulePath): FieldTest {
  const contains = typeof value === 'string' ? compileNetwork(value) : null;
  if (contains === null) {
    throw new RuleFault('value_type', path, '"cidr" takes a network such as 10.0.0.0/8.');
  }
  return (field) => field.values.some((item) => typeof item === 'string' && contains(item));
}

function compileReference(plan: FieldPlan, value: Scalar, path: RulePath): FieldTest {
  if (typeof value !== 'string' || value === '') {
    throw new RuleFault('value_type', path, '"fieldref" takes the name of another field.');
  }
  const { isCased, isDashFolded, shape } = plan;
  const holds: Record<typeof shape, (text: string, other: string) => boolean> = {
    whole: (text, other) => text === other,
    contains: (text, other) => other !== '' && text.includes(other),
    startswith: (text, other) => other !== '' && text.startsWith(other),
    endswith: (text, other) => other !== '' && text.endsWith(other),
  };
  return (field, event) => {
    const others = event.field(value).texts(isCased, isDashFolded);
    return field
      .texts(isCased, isDashFolded)
      .some((text) => others.some((other) => holds[shape](text, other)));
  };
}
