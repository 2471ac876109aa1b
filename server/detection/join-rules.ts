import type { RuleState } from '#db/enums.ts';
import { type KeptText, namesOfRules } from '#server/detection/join-filters.ts';
import {
  compileSource,
  type CompileResult,
  type OuterFilters,
} from '#server/detection/sigma/compile-source.ts';
import type { CompiledRule } from '#server/detection/sigma/compiled-rule.ts';
import type { FindForeign, ForeignFault } from '#server/detection/sigma/foreign-rules.ts';

/** A text that the tenant keeps, running or not. */
export interface JoinableText extends KeptText {
  readonly kind: 'rule' | 'filter';
  readonly title: string;
  readonly version: number;
  readonly state: RuleState;
  readonly isShipped: boolean;
}

/** What a name of another source's rule comes to. */
export interface Reference {
  /** As the correlation spells it: a name or an id. */
  readonly name: string;
  /** Whose rule it is; null where it is nobody's that could be counted. */
  readonly text: JoinableText | null;
  /** Why it cannot be counted; null where it can. */
  readonly fault: ForeignFault | null;
}

/** The rules of a tenant, each able to count those of others. */
export interface JoinedRules {
  /** A text as it runs; what it counts of other sources compiled in. */
  readonly compile: (ruleId: string) => CompileResult;
  /** To be handed to the compiler of the text of a row, or of one that has none. */
  readonly foreignTo: (ruleId: string) => FindForeign;
  /** What a text names of other sources. */
  readonly referencesOf: (ruleId: string) => readonly Reference[];
}

interface Bearer {
  readonly text: JoinableText;
  /** Its key in its own source. */
  readonly key: string;
  readonly names: readonly string[];
  /** It gives its source the name, and so is the only one of it in the tenant. */
  readonly isMain: boolean;
}

const unfiltered = (): OuterFilters => () => [];

/**
 * Joins the correlations of a tenant with the rules of other sources that they count. The other rule is
 * compiled in, as its approved text stands: switched off it opens no alerts and is counted all the same,
 * because nobody may blind a correlation by switching off something else. A text that nobody approved is
 * not counted, nor one that a name leaves in doubt. What leads back to itself runs nowhere.
 */
export function joinRules(
  texts: readonly JoinableText[],
  filtersOf: (ruleId: string) => OuterFilters = unfiltered,
): JoinedRules {
  const byId = new Map(texts.map((text) => [text.ruleId, text]));
  let bearers: ReadonlyMap<string, readonly Bearer[]> | null = null;
  const bearing = (name: string): readonly Bearer[] => {
    bearers ??= bearersOf(texts);
    return bearers.get(name) ?? [];
  };
  /** Null while it is being compiled: whoever meets it again stands on itself. */
  const compiled = new Map<string, CompileResult | null>();

  const compile = (text: JoinableText): CompileResult | null => {
    const known = compiled.get(text.ruleId);
    if (known !== undefined) return known;
    compiled.set(text.ruleId, null);
    const { ruleId, source } = text;
    const result = compileSource(source, filtersOf(ruleId), foreignTo(ruleId));
    compiled.set(ruleId, result);
    return result;
  };
  const meant = (name: string, ruleId: string): Bearer | ForeignFault =>
    choose(
      name,
      bearing(name).filter(({ text }) => text.ruleId !== ruleId),
    );
  const foreignTo =
    (ruleId: string): FindForeign =>
    (name) => {
      const found = meant(name, ruleId);
      if ('code' in found) return found;
      const result = compile(found.text);
      if (result === null) {
        return { code: 'cycle', message: `"${name}" leads back to this correlation.` };
      }
      if (!result.ok) return brokenInside(found, result.problems[0]);
      return { ...carryOver(found, result.rules), names: found.names, fault: null };
    };
  return {
    foreignTo,
    compile: (ruleId) => {
      const text = byId.get(ruleId);
      const result = text === undefined ? null : compile(text);
      if (result === null) throw new RangeError(`no text of ${ruleId}`);
      return result;
    },
    referencesOf: (ruleId) =>
      namesOutside(byId.get(ruleId)?.source ?? '').map((name) => {
        const found = meant(name, ruleId);
        if ('code' in found) return { name, text: null, fault: found };
        const foreign = foreignTo(ruleId)(name);
        return { name, text: found.text, fault: 'code' in foreign ? foreign : null };
      }),
  };
}

/** The same tenant with one text as if it were approved, in the place of the row of its name. */
export function withText(
  texts: readonly JoinableText[],
  { name, source }: Pick<KeptText, 'name' | 'source'>,
): { readonly ruleId: string; readonly texts: readonly JoinableText[] } {
  const row = texts.find((text) => text.name === name);
  const ruleId = row?.ruleId ?? 'candidate';
  const candidate: JoinableText = {
    kind: 'rule',
    title: row?.title ?? name,
    version: row?.version ?? 1,
    isShipped: false,
    ...row,
    ruleId,
    name,
    source,
    state: 'enabled',
  };
  return { ruleId, texts: [...texts.filter((text) => text.ruleId !== ruleId), candidate] };
}

/** Names that the correlations of a text count and that it does not hold itself, each once. */
export function namesOutside(source: string): readonly string[] {
  const documents = namesOfRules(source);
  const own = new Set(documents.flatMap(({ names }) => names));
  const counted = documents.flatMap(({ counts }) => counts);
  return [...new Set(counted.filter((name) => !own.has(name)))];
}

function bearersOf(texts: readonly JoinableText[]): ReadonlyMap<string, readonly Bearer[]> {
  const found = new Map<string, Bearer[]>();
  for (const text of texts) {
    const documents =
      text.kind === 'rule' ? namesOfRules(text.source) : [{ key: text.name, names: [text.name] }];
    for (const { key, names } of documents) {
      const bearer = { text, key, names, isMain: names.includes(text.name) };
      for (const name of new Set(names)) found.set(name, [...(found.get(name) ?? []), bearer]);
    }
  }
  return found;
}

/** The rule that a name means among its bearers. What is switched on or off changes nothing of it. */
function choose(name: string, bearers: readonly Bearer[]): Bearer | ForeignFault {
  const unknown = (message: string) => ({ code: 'unknown_rule', message }) as const;
  const usable = bearers.filter(({ text }) => text.kind === 'rule' && text.state !== 'draft');
  const mains = usable.filter(({ isMain }) => isMain);
  const [first, ...others] = mains.length > 0 ? mains : usable;
  if (first === undefined) {
    const [idle] = bearers;
    if (idle === undefined) {
      return unknown(`There is no rule "${name}", neither here nor in another source.`);
    }
    return idle.text.kind === 'filter'
      ? unknown(`"${name}" is a filter: a correlation counts rules.`)
      : unknown(`"${name}" has not been approved yet.`);
  }
  if (others.length === 0) return first;
  const sources = [first, ...others].map(({ text }) => text.name).join(', ');
  return {
    code: 'ambiguous_rule',
    message: `"${name}" is in several rules (${sources}): count it by a name that only one has.`,
  };
}

function brokenInside(
  { text }: Bearer,
  problem: ForeignFault | { code: string; message: string } | undefined,
): ForeignFault {
  const message = `"${text.name}" does not run: ${problem?.message ?? 'it does not compile.'}`;
  return { code: problem?.code === 'cycle' ? 'cycle' : 'unknown_rule', message };
}

/** A rule with all that it stands on, under keys of its own and silent. */
function carryOver(
  { key, text }: Bearer,
  rules: readonly CompiledRule[],
): { readonly key: string; readonly rules: readonly CompiledRule[] } {
  const { ruleId, version, name, title } = text;
  const needed = new Set([key]);
  for (const rule of rules.toReversed()) {
    if (rule.kind !== 'correlation' || !needed.has(rule.key)) continue;
    for (const input of rule.inputs) needed.add(input);
  }
  const foreign = new Set(rules.flatMap((rule) => (rule.origin === undefined ? [] : [rule.key])));
  const renamed = (own: string) => (foreign.has(own) ? own : `${ruleId}@${version}/${own}`);
  const carried = rules
    .filter((rule) => needed.has(rule.key))
    .map((rule): CompiledRule => {
      const silent = { key: renamed(rule.key), isAlerting: false, response: null };
      const origin = rule.origin ?? { ruleId, version, name, title };
      return rule.kind === 'detection'
        ? { ...rule, ...silent, origin }
        : { ...rule, ...silent, origin, inputs: rule.inputs.map(renamed) };
    });
  return { key: renamed(key), rules: carried };
}
