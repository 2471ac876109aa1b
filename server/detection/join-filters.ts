import { LRUCache } from 'lru-cache';
import { compileFilters, type LooseFilter } from '#server/detection/sigma/compile-filters.ts';
import type { OuterFilters } from '#server/detection/sigma/compile-source.ts';
import { isSameSource } from '#server/detection/sigma/filter-rules.ts';
import { limits } from '#server/kernel/limits.ts';
import { parseSource } from '#server/detection/sigma/parse-source.ts';
import type {
  CorrelationDocument,
  DetectionDocument,
} from '#server/detection/sigma/rule-documents.ts';
import type { RuleProblem } from '#server/detection/sigma/rule-fault.ts';

/** A text that the tenant keeps, under the row that it belongs to. */
export interface KeptText {
  readonly ruleId: string;
  /** The name that lists show, which no other row of the tenant has. */
  readonly name: string;
  readonly source: string;
}

export interface RuleText extends KeptText {
  /** It alerts; otherwise it runs in the shadow, or is looked at by itself. */
  readonly isEnabled: boolean;
}

/** What a source of filters comes to among the rules that run. */
export interface JoinedReach {
  /** Rules in the order given, each with the names of the documents that the filters are put on. */
  readonly shapes: readonly { readonly ruleId: string; readonly parts: readonly string[] }[];
  /** What is named and not reached, with one sentence on why. */
  readonly unfound: readonly { readonly name: string; readonly reason: string }[];
}

export interface JoinedFilters {
  /** What to put on the documents of a rule; to be handed to the compiler of its source. */
  readonly filtersOf: (ruleId: string) => OuterFilters;
  /** Rows of the filters that shape a rule, in the order given. */
  readonly shapersOf: (ruleId: string) => readonly string[];
  readonly reachOf: (filterId: string) => JoinedReach;
  /** Texts that do not compile: they filter nothing. */
  readonly broken: readonly {
    readonly ruleId: string;
    readonly problems: readonly RuleProblem[];
  }[];
}

interface Named {
  readonly item:
    | { readonly kind: 'detection'; readonly document: DetectionDocument }
    | { readonly kind: 'correlation'; readonly document: CorrelationDocument };
  readonly names: readonly string[];
}

interface Part extends Named {
  readonly rule: RuleText;
  /** It gives its source the name, and so is the only one of it in the tenant. */
  readonly isMain: boolean;
}

/** One filter with the rule that each of its names means. */
interface Aimed {
  readonly filterId: string;
  readonly filter: LooseFilter;
  readonly meant: ReadonlyMap<string, string>;
  readonly unfound: JoinedReach['unfound'];
}

/**
 * Finds which rules the filters of other sources mean. Every filter takes alerts away, so where a
 * name leaves a doubt the filter is not put on, and that is said: noise is seen, silence is not. Of
 * several rules that bear a name those that alert come before those in the shadow, and one that
 * gives its source the name before one inside another source.
 */
export function joinFilters(
  rules: readonly RuleText[],
  filters: readonly KeptText[],
): JoinedFilters {
  // Most tenants have none: their rules need not be read twice.
  const parts = filters.length === 0 ? [] : rules.flatMap(partsOf);
  const compiled = filters.map(({ ruleId, source }) => ({ ruleId, ...compileFilters(source) }));
  const aimed = compiled.flatMap((result) =>
    result.ok ? result.filters.map((filter) => aim(result.ruleId, filter, parts)) : [],
  );
  const shapesOf = (one: Aimed) => parts.filter((part) => reaches(one, part));
  return {
    filtersOf: (ruleId) => (document) =>
      aimed.flatMap((one) => (accepts(one, ruleId, document) ? [one.filter.compiled] : [])),
    shapersOf: (ruleId) => [
      ...new Set(
        aimed.flatMap((one) =>
          shapesOf(one).some(({ rule }) => rule.ruleId === ruleId) ? [one.filterId] : [],
        ),
      ),
    ],
    reachOf: (filterId) => {
      const own = aimed.filter((one) => one.filterId === filterId);
      const shaped = Map.groupBy(own.flatMap(shapesOf), ({ rule }) => rule.ruleId);
      return {
        shapes: [...shaped].map(([ruleId, found]) => ({
          ruleId,
          parts: [...new Set(found.map(({ names, rule }) => names.at(-1) ?? rule.name))],
        })),
        unfound: own.flatMap(({ unfound }) => unfound),
      };
    },
    broken: compiled.flatMap((result) =>
      result.ok ? [] : [{ ruleId: result.ruleId, problems: result.problems }],
    ),
  };
}

/** Reading all texts of a tenant takes a quarter of a second, and nearly all of them are shipped. */
const read = new LRUCache<string, readonly Named[]>({ max: limits.ruleTextsReadMax });

/** The documents of a text that are rules, with what they are called: id before name. */
function readNamed(source: string): readonly Named[] {
  const known = read.get(source);
  if (known !== undefined) return known;
  const named = parseSource(source).documents.flatMap((item): Named[] => {
    if (item.kind === 'filter') return [];
    const { id, name } = item.document;
    return [{ item, names: [id, name].filter((text) => text !== undefined) }];
  });
  read.set(source, named);
  return named;
}

/** All names and ids that the rules of a text go by. */
export function namesIn(source: string): readonly string[] {
  return readNamed(source).flatMap(({ names }) => names);
}

/** The rules of a text: what each is called, its key in the compiled source, and what it counts. */
export function namesOfRules(source: string): readonly {
  readonly key: string;
  readonly names: readonly string[];
  readonly counts: readonly string[];
}[] {
  return readNamed(source).map(({ item, names }) => ({
    key: names.at(-1) ?? '',
    names,
    counts: item.kind === 'correlation' ? item.document.correlation.rules : [],
  }));
}

function partsOf(rule: RuleText): Part[] {
  return readNamed(rule.source).map((named) => ({
    ...named,
    rule,
    isMain: named.names.includes(rule.name),
  }));
}

function aim(filterId: string, filter: LooseFilter, parts: readonly Part[]): Aimed {
  const { rules } = filter.document.filter;
  const meant = new Map<string, string>();
  const unfound: { name: string; reason: string }[] = [];
  if (rules === 'any') {
    const isIdle = !parts.some(({ item }) => isOpenTo(filter, item));
    if (isIdle) unfound.push({ name: 'any', reason: 'No rule that runs watches its log source.' });
    return { filterId, filter, meant, unfound };
  }
  for (const name of rules) {
    const found = find(filter, name, parts);
    if ('reason' in found) unfound.push({ name, reason: found.reason });
    else meant.set(name, found.ruleId);
  }
  return { filterId, filter, meant, unfound };
}

/** The rule that a name means, or why it means none. */
function find(
  filter: LooseFilter,
  name: string,
  parts: readonly Part[],
): { readonly ruleId: string } | { readonly reason: string } {
  const bearing = parts.filter(({ names }) => names.includes(name));
  const running = preferred(bearing, ({ rule }) => rule.isEnabled);
  const found = preferred(running, ({ isMain }) => isMain);
  const [first] = found;
  if (first === undefined) return { reason: 'No rule that runs has this name or id.' };
  const sources = [...new Set(found.map(({ rule }) => rule.name))];
  if (sources.length > 1) {
    return { reason: `It is in several rules (${sources.join(', ')}), so it is put on none.` };
  }
  const detections = found.filter(({ item }) => item.kind === 'detection');
  const [correlation] = found.flatMap(({ item }) => (item.kind === 'correlation' ? [item] : []));
  if (detections.length === 0 && correlation !== undefined) {
    const inner = correlation.document.correlation.rules.join(', ');
    return { reason: `It looks at several events: name the rules that it refers to (${inner}).` };
  }
  if (!detections.some(({ item }) => isOpenTo(filter, item))) {
    return { reason: 'It watches another log source than the filter.' };
  }
  return { ruleId: first.rule.ruleId };
}

function preferred<Item>(
  items: readonly Item[],
  isBetter: (item: Item) => boolean,
): readonly Item[] {
  const better = items.filter(isBetter);
  return better.length > 0 ? better : items;
}

function isOpenTo({ document }: LooseFilter, item: Part['item']): boolean {
  return item.kind === 'detection' && isSameSource(document.logsource, item.document.logsource);
}

function accepts(
  { filter, meant }: Aimed,
  ruleId: string,
  { id, name, logsource }: DetectionDocument,
): boolean {
  if (!isSameSource(filter.document.logsource, logsource)) return false;
  if (filter.document.filter.rules === 'any') return true;
  return [id, name].some((known) => known !== undefined && meant.get(known) === ruleId);
}

const reaches = (one: Aimed, { rule, item }: Part) =>
  item.kind === 'detection' && accepts(one, rule.ruleId, item.document);
