import { compileCorrelation } from '#server/detection/sigma/compile-correlation.ts';
import { compileDetection } from '#server/detection/sigma/compile-detection.ts';
import type {
  CompiledRule,
  CorrelationRule,
  DetectionRule,
  RuleHead,
  RuleTests,
} from '#server/detection/sigma/compiled-rule.ts';
import {
  adviseOnFilter,
  compileFilter,
  isFiltered,
  withFilters,
  type CompiledFilter,
} from '#server/detection/sigma/filter-rules.ts';
import {
  type FindForeign,
  type ForeignFault,
  noForeign,
} from '#server/detection/sigma/foreign-rules.ts';
import { parseSource, type ParsedSource } from '#server/detection/sigma/parse-source.ts';
import type {
  CorrelationDocument,
  DetectionDocument,
  FilterDocument,
  RuleDocument,
} from '#server/detection/sigma/rule-documents.ts';
import { RuleFault, type RulePath, type RuleProblem } from '#server/detection/sigma/rule-fault.ts';
import { unknownTags } from '#server/detection/taxonomies.ts';

export type CompileResult =
  | {
      readonly ok: true;
      readonly kind: 'rule';
      /** Referred-to rules before those that refer to them. */
      readonly rules: readonly CompiledRule[];
      /** The rule that names the source: its first document that nothing else refers to. */
      readonly main: CompiledRule;
      readonly tests: RuleTests;
      /** What runs, and yet should be looked at: a doubt, or a part without effect. */
      readonly advice: readonly RuleProblem[];
    }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

type Rule = Exclude<RuleDocument, { kind: 'filter' }>;

/** The filters of other sources that are meant for a rule of this one. */
export type OuterFilters = (document: DetectionDocument) => readonly CompiledFilter[];
const noFilters: OuterFilters = () => [];

/** Matches of one trace belong together unless the rule says otherwise. */
const groupByDefault = ['agent.slug', 'trace.id'] as const;

/**
 * Compiles a rule's source: parse, check, resolve references, order. Everything wrong is reported
 * with its place, as a rule that half compiles would look as if it watched. `outer` is put on after
 * the source's own filters; `foreign` finds the rules of other sources that its correlations count.
 */
export function compileSource(
  source: string,
  outer: OuterFilters = noFilters,
  foreign: FindForeign = noForeign,
): CompileResult {
  return compileParsed(parseSource(source), outer, foreign);
}

/** The same, of a source that was read already. */
export function compileParsed(
  parsed: ParsedSource,
  outer: OuterFilters = noFilters,
  foreign: FindForeign = noForeign,
): CompileResult {
  if (parsed.problems.length > 0) return { ok: false, problems: parsed.problems };
  const problems: RuleProblem[] = [];
  const guard = <Value>(document: number, run: () => Value): Value | null => {
    try {
      return run();
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      const { code, message, path } = error;
      const at = error.document ?? document;
      // A faulty document is met again by every correlation that refers to it.
      const isKnown = problems.some((item) => item.document === at && item.message === message);
      const place = parsed.locate(at, path);
      if (!isKnown) problems.push({ code, message, document: at, path, ...place });
      return null;
    }
  };
  const compiler = new SourceCompiler(parsed.documents, outer, foreign);
  parsed.documents.forEach((_, index) => {
    guard(index, () => compiler.checkName(index));
  });
  if (problems.length === 0) {
    parsed.documents.forEach((_, index) => {
      guard(index, () => compiler.compile(index, []));
    });
  }
  if (problems.length === 0) {
    const rules = compiler.ordered();
    const main = rules.find((rule) => rule.key === compiler.mainKey());
    if (main !== undefined) {
      const advice = compiler.advice().map((fault): RuleProblem => {
        const { code, message, path, document } = fault;
        const at = document ?? 0;
        return { code, message, document: at, path, ...parsed.locate(at, path) };
      });
      return { ok: true, kind: 'rule', rules, main, tests: compiler.testsOf(main.key), advice };
    }
    const message = 'This source has filters but no rule.';
    problems.push({ code: 'shape', message, document: 0, path: [], line: 1, column: 1 });
  }
  return { ok: false, problems };
}

/** The documents of one source while they are compiled. */
class SourceCompiler {
  readonly #documents: readonly RuleDocument[];
  readonly #outer: OuterFilters;
  readonly #foreign: FindForeign;
  readonly #byName = new Map<string, number>();
  readonly #compiled = new Map<number, CompiledRule>();
  /** For each document the correlations that refer to it. */
  readonly #usedBy = new Map<number, number[]>();
  /** What is counted of other sources and only stood in for. */
  readonly #doubts: RuleFault[] = [];

  constructor(documents: readonly RuleDocument[], outer: OuterFilters, foreign: FindForeign) {
    this.#documents = documents;
    this.#outer = outer;
    this.#foreign = foreign;
  }

  /** Registers what a document may be called. @throws RuleFault `duplicate_name` */
  checkName(index: number): void {
    const { document } = this.#documentAt(index);
    for (const field of ['id', 'name'] as const) {
      const name = document[field];
      if (name === undefined) continue;
      if (this.#byName.has(name)) {
        throw new RuleFault('duplicate_name', [field], `"${name}" is used twice in this source.`);
      }
      this.#byName.set(name, index);
    }
  }

  /** Compiles one document after those it refers to. @throws RuleFault any code, placed */
  compile(index: number, trail: readonly number[]): CompiledRule | null {
    const done = this.#compiled.get(index);
    if (done !== undefined) return done;
    try {
      return this.#compileNew(index, trail);
    } catch (error) {
      // The innermost document is the one at fault, whichever correlation led to it.
      throw error instanceof RuleFault && error.document === null ? error.placedIn(index) : error;
    }
  }

  #compileNew(index: number, trail: readonly number[]): CompiledRule | null {
    const item = this.#documentAt(index);
    switch (item.kind) {
      case 'filter':
        this.#compileFilter(index, item.document);
        return null;
      case 'detection': {
        const rule = this.#compileDetection(index, item.document);
        this.#compiled.set(index, rule);
        return rule;
      }
      case 'correlation': {
        const rule = this.#compileCorrelation(index, item.document, trail);
        this.#compiled.set(index, rule);
        return rule;
      }
    }
  }

  /** Key of the first document that feeds nothing else; null when there are only filters. */
  mainKey(): string | null {
    for (let index = 0; index < this.#documents.length; index += 1) {
      const rule = this.#compiled.get(index);
      if (rule !== undefined && !this.#usedBy.has(index)) return rule.key;
    }
    return null;
  }

  testsOf(key: string): RuleTests {
    const index = this.#indexOf(key);
    const item = index === null ? null : this.#documentAt(index);
    const tests = item === null || item.kind === 'filter' ? null : item.document.signalbox?.tests;
    return tests ?? { hits: [], misses: [] };
  }

  /** Insertion order is dependency order; usage is known only now, so heads are finished here. */
  ordered(): readonly CompiledRule[] {
    const carried = new Map<number, Set<string>>();
    const entries = [...this.#compiled.entries()];
    // Outer correlations come last: going backwards, what they need is known when it is asked.
    for (const [index, rule] of entries.toReversed()) {
      if (rule.kind !== 'correlation') continue;
      rule.inputs.forEach((key, input) => {
        const inner = this.#indexOf(key);
        if (inner === null) return;
        const needs = carried.get(inner) ?? new Set<string>();
        for (const field of rule.plan.groupFields[input] ?? []) needs.add(field);
        for (const field of rule.plan.valueFields[input] ?? []) needs.add(field);
        for (const field of carried.get(index) ?? []) needs.add(field);
        carried.set(inner, needs);
      });
    }
    return entries.map(([index, rule]) => {
      const isAlerting = this.#isAlerting(index);
      if (rule.kind === 'detection') return { ...rule, isAlerting };
      return { ...rule, isAlerting, carriedFields: [...(carried.get(index) ?? [])] };
    });
  }

  /** Rules inside a correlation are silent unless one that uses them says `generate: true`. */
  #isAlerting(index: number): boolean {
    // A rule of another source opens its alerts there.
    if (index >= this.#documents.length) return false;
    const users = this.#usedBy.get(index);
    return (
      users === undefined ||
      users.some((user) => {
        const item = this.#documentAt(user);
        if (item.kind !== 'correlation') return false;
        return (item.document.generate ?? item.document.correlation.generate) === true;
      })
    );
  }

  #documentAt(index: number): RuleDocument {
    const item = this.#documents[index];
    if (item === undefined) throw new RangeError(`no document ${index}`);
    return item;
  }

  #indexOf(key: string): number | null {
    for (const [index, rule] of this.#compiled) if (rule.key === key) return index;
    return null;
  }

  #head(index: number, document: Rule['document']): RuleHead {
    return {
      key: document.name ?? document.id ?? `document-${index}`,
      title: document.title,
      description: document.description ?? '',
      severity: document.level ?? 'medium',
      status: document.status ?? 'experimental',
      tags: document.tags ?? [],
      falsePositives: document.falsepositives ?? [],
      isAlerting: true,
      response: document.signalbox?.response ?? null,
    };
  }

  #compileDetection(index: number, document: DetectionDocument): DetectionRule {
    const { detection, signalbox } = document;
    const compiled = compileDetection(detection, ['detection'], signalbox?.placeholders);
    return {
      ...this.#head(index, document),
      kind: 'detection',
      logsource: document.logsource,
      ...withFilters(compiled, this.#filtersOf(document)),
      groupBy: signalbox?.['group-by'] ?? groupByDefault,
    };
  }

  #filtersOf(document: DetectionDocument): CompiledFilter[] {
    const own = this.#documents.flatMap((item, index) => {
      if (item.kind !== 'filter' || !isFiltered(item.document, document)) return [];
      return [this.#compileFilter(index, item.document)];
    });
    return [...own, ...this.#outer(document)];
  }

  #compileFilter(index: number, document: FilterDocument): CompiledFilter {
    try {
      this.#checkFilter(document);
      return compileFilter(document);
    } catch (error) {
      throw error instanceof RuleFault ? error.placedIn(index) : error;
    }
  }

  #checkFilter({ filter: { rules } }: FilterDocument): void {
    if (rules === 'any') return;
    rules.forEach((name, at) => {
      const target = this.#byName.get(name);
      if (target === undefined || this.#documentAt(target).kind === 'detection') return;
      throw new RuleFault(
        'unsupported',
        ['filter', 'rules', at],
        `"${name}" is no rule over single events: filter the rules that it refers to.`,
      );
    });
  }

  /** Advice on documents that compile: what leaves a doubt, or does nothing. */
  advice(): RuleFault[] {
    const found = this.#documents.flatMap((item, index) => {
      if (item.kind === 'filter') return this.#filterAdvice(index, item.document);
      return unknownTags(item.document.tags ?? []).map(
        (tag) =>
          new RuleFault('unknown_label', ['tags'], `"${tag}" is in no list that we know.`, index),
      );
    });
    return [...this.#doubts, ...found];
  }

  #filterAdvice(index: number, document: FilterDocument): RuleFault[] {
    const found: RuleFault[] = [];
    const advice = adviseOnFilter(document);
    if (advice !== null) {
      found.push(new RuleFault('ambiguous_filter', ['filter', 'condition'], advice, index));
    }
    const { rules } = document.filter;
    for (const [at, name] of (rules === 'any' ? [] : rules).entries()) {
      const target = this.#byName.get(name);
      const rule = target === undefined ? null : this.#documentAt(target);
      if (rule?.kind === 'detection' && isFiltered(document, rule.document)) continue;
      const message =
        rule === null
          ? `There is no rule "${name}" here: the filter does nothing for it.`
          : `"${name}" watches another log source: the filter does nothing for it.`;
      found.push(new RuleFault('idle_filter', ['filter', 'rules', at], message, index));
    }
    return found;
  }

  #compileCorrelation(
    index: number,
    document: CorrelationDocument,
    trail: readonly number[],
  ): CorrelationRule {
    const path: RulePath = ['correlation', 'rules'];
    const inputs = document.correlation.rules.map((name, at) => {
      const target = this.#byName.get(name);
      if (target === undefined) return this.#takeForeign(name, [...path, at], index);
      if (target === index || trail.includes(target)) {
        throw new RuleFault('cycle', [...path, at], `"${name}" leads back to this correlation.`);
      }
      const rule = this.compile(target, [...trail, index]);
      if (rule === null) throw new RuleFault('unknown_rule', [...path, at], 'A filter is no rule.');
      this.#usedBy.set(target, [...(this.#usedBy.get(target) ?? []), index]);
      return { key: rule.key, names: this.#namesOf(target) };
    });
    const names = inputs.map((input) => input.names);
    return {
      ...this.#head(index, document),
      kind: 'correlation',
      plan: compileCorrelation(document.correlation, names),
      inputs: inputs.map(({ key }) => key),
      carriedFields: [],
    };
  }

  /** Takes in a rule of another source, silent, before what counts it. @throws RuleFault */
  #takeForeign(
    name: string,
    path: RulePath,
    index: number,
  ): { readonly key: string; readonly names: readonly string[] } {
    const found = this.#foreign(name);
    const refuse = ({ code, message }: ForeignFault) => new RuleFault(code, path, message, index);
    if ('code' in found) throw refuse(found);
    if (found.fault !== null) this.#doubts.push(refuse(found.fault));
    for (const rule of found.rules) {
      if (this.#indexOf(rule.key) !== null) continue;
      // Behind the documents of the source; in the order in which they are needed.
      this.#compiled.set(this.#documents.length + this.#compiled.size, rule);
    }
    return { key: found.key, names: [name, ...found.names] };
  }

  #namesOf(index: number): readonly string[] {
    const { id, name } = this.#documentAt(index).document;
    return [id, name].filter((item) => item !== undefined);
  }
}
