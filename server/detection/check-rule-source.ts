import type { RuleCheck } from '#server/detection/contract.ts';
import { isRuleName } from '#server/detection/internal/read-rule-text.ts';
import { fieldsUnknownToReplay } from '#server/detection/replay-facts.ts';
import { buildPack, readsField } from '#server/detection/rule-pack.ts';
import { runRuleTests, TooManyTestEvents } from '#server/detection/run-rule-tests.ts';
import type { FilterResult } from '#server/detection/sigma/compile-filters.ts';
import { compileText } from '#server/detection/sigma/compile-text.ts';
import { adviseOnFilter } from '#server/detection/sigma/filter-rules.ts';
import { type FindForeign, noForeign, tolerating } from '#server/detection/sigma/foreign-rules.ts';
import type { RuleProblem } from '#server/detection/sigma/rule-fault.ts';
import type { RuleTests } from '#server/detection/sigma/compiled-rule.ts';
import { labelsOf, unknownTags } from '#server/detection/taxonomies.ts';
import { limits } from '#server/kernel/limits.ts';

/** What a text says of itself, whatever else the tenant has. */
export type SourceCheck = Omit<RuleCheck, 'reach'>;

/**
 * Reads a rule's text as the detector would, runs its tests, and says what is missing for it to be
 * approved. What does not compile has neither rule nor tests; filters alone have no tests. `foreign`
 * finds what it counts of other sources; one that is not found is missing, and never matches in its tests.
 */
export function checkRuleSource(source: string, foreign: FindForeign = noForeign): SourceCheck {
  const compiled = compileText(source, tolerating(foreign));
  if (!compiled.ok) {
    const problems = compiled.problems.map(problemOf);
    return { problems, advice: [], rule: null, tests: [], missing: [], unknownFields: [] };
  }
  if (compiled.kind === 'filter') return checkFilters(compiled);
  const { main, rules, tests } = compiled;
  const pack = buildPack([{ ruleId: 'checked', version: 1, rules }]);
  const ran = runTests(() => runRuleTests(rules, main, tests));
  return {
    problems: [],
    // What keeps it from being approved stands among what is missing.
    advice: compiled.advice.filter(({ code }) => !missingCodes.includes(code)).map(problemOf),
    rule: {
      name: main.key,
      title: main.title,
      severity: main.severity,
      kind: main.kind,
      labels: labelsOf(main.tags),
      response: main.response,
    },
    tests: ran.results.map((result) => ({ ...result, summary: summaryOf(tests, result) })),
    missing: [
      ...missingName(main.key),
      ...missingTags(main.tags),
      ...missingRules(compiled.advice),
      ...missingTests(tests),
      ...ran.missing,
      ...(ran.results.some((result) => !result.isPassed) ? ['A test of it fails.'] : []),
    ],
    unknownFields: fieldsUnknownToReplay.filter((field) => readsField(pack, field)),
  };
}

/** Which way a filter works has to be said before it is approved: the two readings are opposites. */
function checkFilters({ main, filters, advice }: Extract<FilterResult, { ok: true }>): SourceCheck {
  const { key: name, title, tags } = main;
  const doubts = filters.flatMap(({ document }) => adviseOnFilter(document) ?? []);
  const read = filters.flatMap(({ compiled }) => compiled.fields);
  return {
    problems: [],
    advice: advice.map(problemOf),
    rule: { name, title, severity: null, kind: 'filter', labels: labelsOf(tags), response: null },
    tests: [],
    missing: [...missingName(name), ...missingTags(tags), ...new Set(doubts)],
    unknownFields: fieldsUnknownToReplay.filter((field) =>
      read.some((known) => known.startsWith(field)),
    ),
  };
}

const problemOf = ({ code, message, line, column }: RuleProblem) => ({
  code,
  message,
  line,
  column,
});

function runTests(run: () => ReturnType<typeof runRuleTests>) {
  try {
    return { results: run(), missing: [] };
  } catch (error) {
    if (!(error instanceof TooManyTestEvents)) throw error;
    return { results: [], missing: [error.message] };
  }
}

function missingTags(tags: readonly string[]): string[] {
  return unknownTags(tags).map((tag) => `The tag ${tag} names nothing in its taxonomy.`);
}

const foreignCodes: readonly string[] = ['unknown_rule', 'ambiguous_rule', 'cycle'];
const missingCodes: readonly string[] = [...foreignCodes, 'unknown_label'];

/** What it counts and cannot have; the same rule may be counted twice. */
function missingRules(advice: readonly RuleProblem[]): string[] {
  return [
    ...new Set(
      advice.flatMap(({ code, message }) => (foreignCodes.includes(code) ? [message] : [])),
    ),
  ];
}

function missingName(name: string): string[] {
  return isRuleName(name)
    ? []
    : ['It needs a name of small letters, digits, _ and -: name: my-rule.'];
}

function missingTests(tests: RuleTests): string[] {
  const short = (['hits', 'misses'] as const).filter(
    (kind) => tests[kind].length < limits.ruleTestsMin,
  );
  return short.map(
    (kind) =>
      `It needs ${limits.ruleTestsMin} tests under signalbox.tests.${kind}; it has ${tests[kind].length}.`,
  );
}

const summaryCharsMax = 120;

/** What tells this test from its neighbours: its events, cut. */
function summaryOf(tests: RuleTests, result: { kind: 'hit' | 'miss'; index: number }): string {
  const events = (result.kind === 'hit' ? tests.hits : tests.misses)[result.index] ?? [];
  const text = events.map((event) => JSON.stringify(event)).join(' → ');
  return text.length <= summaryCharsMax ? text : `${text.slice(0, summaryCharsMax - 1)}…`;
}
