import { encodings, type Encoding } from '#server/detection/sigma/encode-value.ts';
import { RuleFault, type RulePath } from '#server/detection/sigma/rule-fault.ts';
import type { PatternShape } from '#server/detection/sigma/text-pattern.ts';

export const comparisons = ['lt', 'lte', 'gt', 'gte'] as const;
export type Comparison = (typeof comparisons)[number];
export const timeParts = ['minute', 'hour', 'day', 'week', 'month', 'year'] as const;
export type TimePart = (typeof timeParts)[number];

/** How the field's value is looked at once the chain of modifiers is read. */
export type Matcher = 'text' | 'regex' | 'cidr' | 'exists' | 'fieldref' | Comparison;

/** A key of a detection map, read: `CommandLine|contains|all` and the like. */
export interface FieldPlan {
  /** Null for a key without a field (`'|all'`): the whole event. */
  readonly field: string | null;
  readonly matcher: Matcher;
  readonly shape: PatternShape;
  readonly encodings: readonly Encoding[];
  readonly timePart: TimePart | null;
  /** Letters among `i m s`. */
  readonly regexFlags: string;
  readonly isAll: boolean;
  readonly isCased: boolean;
  readonly isNegated: boolean;
  readonly isDashFolded: boolean;
  /** `%name%` in its values stands for a list of values. */
  readonly isExpanded: boolean;
}

type Draft = { -readonly [Key in keyof FieldPlan]: FieldPlan[Key] };

const shapes = ['contains', 'startswith', 'endswith'] as const;
const sole = ['re', 'cidr', 'exists'] as const;

function includes<Item extends string>(list: readonly Item[], word: string): word is Item {
  return (list as readonly string[]).includes(word);
}

/**
 * Reads a key of a detection map. Modifiers apply left to right (Sigma 2.1.0, appendix modifiers);
 * a chain whose parts cannot mean anything together is refused rather than guessed at.
 * @throws RuleFault `unknown_modifier`, `modifier_conflict`, `unsupported`
 */
export function readFieldKey(key: string, path: RulePath): FieldPlan {
  const [field = '', ...modifiers] = key.split('|');
  const plan: Draft = {
    field: field === '' ? null : field,
    matcher: 'text',
    shape: 'whole',
    encodings: [],
    timePart: null,
    regexFlags: '',
    isAll: false,
    isCased: false,
    isNegated: false,
    isDashFolded: false,
    isExpanded: false,
  };
  for (const modifier of modifiers) applyModifier(plan, modifier, path);
  checkPlan(plan, key, path);
  return plan;
}

function applyModifier(plan: Draft, modifier: string, path: RulePath): void {
  const conflict = (): never => {
    throw new RuleFault(
      'modifier_conflict',
      path,
      `The modifier "${modifier}" cannot follow the ones before it here.`,
    );
  };
  if (includes(shapes, modifier)) {
    if (plan.shape !== 'whole' || (plan.matcher !== 'text' && plan.matcher !== 'fieldref')) {
      conflict();
    }
    plan.shape = modifier;
  } else if (includes(encodings, modifier)) {
    if (plan.matcher !== 'text' || plan.shape !== 'whole') conflict();
    plan.encodings = [...plan.encodings, modifier];
  } else if (includes(comparisons, modifier)) {
    if (plan.matcher !== 'text' || plan.shape !== 'whole' || plan.encodings.length > 0) conflict();
    plan.matcher = modifier;
  } else if (includes(sole, modifier)) {
    if (plan.matcher !== 'text' || plan.shape !== 'whole' || plan.encodings.length > 0) conflict();
    plan.matcher = modifier === 're' ? 'regex' : modifier;
  } else if (includes(timeParts, modifier)) {
    if (plan.matcher !== 'text' || plan.timePart !== null || plan.shape !== 'whole') conflict();
    plan.timePart = modifier;
  } else {
    applySwitch(plan, modifier, path, conflict);
  }
}

function applySwitch(plan: Draft, modifier: string, path: RulePath, conflict: () => never): void {
  switch (modifier) {
    case 'all':
      plan.isAll = true;
      return;
    case 'cased':
      plan.isCased = true;
      return;
    case 'neq':
      plan.isNegated = true;
      return;
    case 'windash':
      if (plan.matcher !== 'text' || plan.encodings.length > 0) conflict();
      plan.isDashFolded = true;
      return;
    case 'fieldref':
      if (plan.matcher !== 'text' || plan.encodings.length > 0) conflict();
      plan.matcher = 'fieldref';
      return;
    case 'i':
    case 'm':
    case 's':
      if (plan.matcher !== 'regex') conflict();
      plan.regexFlags += modifier;
      return;
    case 'expand':
      plan.isExpanded = true;
      return;
    default:
      throw new RuleFault(
        'unknown_modifier',
        path,
        `"${modifier}" is not a modifier of Sigma 2.1.0.`,
      );
  }
}

/** Combinations that only the whole chain shows to be meaningless. */
function checkPlan(plan: Draft, key: string, path: RulePath): void {
  const fail = (message: string): never => {
    throw new RuleFault('modifier_conflict', path, message);
  };
  if (plan.field === null && plan.matcher !== 'text' && plan.matcher !== 'regex') {
    fail(`"${key}" needs a field name before the modifier.`);
  }
  if (plan.field === null && plan.isNegated) fail('"neq" needs a field to differ.');
  if (plan.isDashFolded && plan.encodings.length > 0) {
    fail('"windash" cannot be combined with an encoding: the dashes would be inside the code.');
  }
  if (plan.isNegated && includes(comparisons, plan.matcher)) {
    fail(`"neq" beside "${plan.matcher}" says nothing: write the opposite comparison.`);
  }
  if (plan.isExpanded && (plan.matcher === 'exists' || plan.matcher === 'fieldref')) {
    fail(`"expand" beside "${plan.matcher}": write the value out.`);
  }
  if (plan.isNegated && plan.matcher === 'exists') fail('"neq" beside "exists": write false.');
  if (plan.isAll && includes(comparisons, plan.matcher)) {
    fail(`"all" beside "${plan.matcher}" says nothing: one bound is enough.`);
  }
  if (plan.timePart !== null && (plan.encodings.length > 0 || plan.isDashFolded || plan.isCased)) {
    fail(`"${plan.timePart}" gives a number: text modifiers cannot apply to it.`);
  }
}
