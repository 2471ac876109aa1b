/** What can be wrong with a rule's source. Closed, so that an editor can explain each. */
export const ruleProblemCodes = [
  'too_large',
  'yaml',
  'shape',
  'unknown_modifier',
  'modifier_conflict',
  'value_type',
  'pattern',
  'condition_syntax',
  'unknown_selection',
  'unknown_rule',
  'ambiguous_rule',
  'unknown_placeholder',
  'unknown_label',
  'ambiguous_filter',
  'idle_filter',
  'duplicate_name',
  'cycle',
  'unsupported',
] as const;
export type RuleProblemCode = (typeof ruleProblemCodes)[number];

/** Where in a document: keys and list indexes from its root. */
export type RulePath = readonly (string | number)[];

/** One thing wrong with a rule's source, for a person who edits it. Lines and columns start at 1. */
export interface RuleProblem {
  readonly code: RuleProblemCode;
  /** One sentence that says what to change. */
  readonly message: string;
  /** Which YAML document of the source, from 0. */
  readonly document: number;
  readonly path: RulePath;
  readonly line: number | null;
  readonly column: number | null;
}

/** Thrown inside the compiler only; `compileSource` turns it into a {@link RuleProblem}. */
export class RuleFault extends Error {
  readonly code: RuleProblemCode;
  readonly path: RulePath;
  /** Which document of the source; null until the compiler knows. */
  readonly document: number | null;

  constructor(
    code: RuleProblemCode,
    path: RulePath,
    message: string,
    document: number | null = null,
  ) {
    super(message);
    this.name = 'RuleFault';
    this.code = code;
    this.path = path;
    this.document = document;
  }

  placedIn(document: number): RuleFault {
    return new RuleFault(this.code, this.path, this.message, document);
  }
}
