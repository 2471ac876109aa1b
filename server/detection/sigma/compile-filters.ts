import type { RuleStatus } from '#server/detection/contract.ts';
import {
  adviseOnFilter,
  compileFilter,
  type CompiledFilter,
} from '#server/detection/sigma/filter-rules.ts';
import { parseSource, type ParsedSource } from '#server/detection/sigma/parse-source.ts';
import type { FilterDocument } from '#server/detection/sigma/rule-documents.ts';
import { RuleFault, type RuleProblem } from '#server/detection/sigma/rule-fault.ts';

/** A filter of a source of its own: which rules it means is found among all that the tenant has. */
export interface LooseFilter {
  readonly document: FilterDocument;
  readonly compiled: CompiledFilter;
}

/** What a source of filters says of itself: its first document speaks for it. */
export interface FilterHead {
  /** Name, else id, else the place in the source, as with rules. */
  readonly key: string;
  readonly title: string;
  readonly description: string;
  readonly status: RuleStatus;
  readonly tags: readonly string[];
  readonly falsePositives: readonly string[];
}

export type FilterResult =
  | {
      readonly ok: true;
      readonly kind: 'filter';
      readonly filters: readonly LooseFilter[];
      readonly main: FilterHead;
      readonly advice: readonly RuleProblem[];
    }
  | { readonly ok: false; readonly problems: readonly RuleProblem[] };

/** Whether a source that could be read holds filters and nothing else. */
export function isFilterSource({ documents, problems }: ParsedSource): boolean {
  const isFilled = documents.length > 0 && problems.length === 0;
  return isFilled && documents.every(({ kind }) => kind === 'filter');
}

/** Compiles a source that holds filters alone; everything wrong is reported with its place. */
export function compileFilters(source: string): FilterResult {
  return compileParsedFilters(parseSource(source));
}

/** The same, of a source that was read already. */
export function compileParsedFilters(parsed: ParsedSource): FilterResult {
  if (parsed.problems.length > 0) return { ok: false, problems: parsed.problems };
  const problemOf = ({ code, message, path }: RuleFault, document: number): RuleProblem => ({
    code,
    message,
    document,
    path,
    ...parsed.locate(document, path),
  });
  const problems: RuleProblem[] = [];
  const advice: RuleProblem[] = [];
  const filters: LooseFilter[] = [];
  const names = new Set<string>();
  parsed.documents.forEach((item, index) => {
    try {
      if (item.kind !== 'filter') throw notAlone();
      const { document } = item;
      takeNames(document, names);
      filters.push({ document, compiled: compileFilter(document) });
      const doubt = adviseOnFilter(document);
      if (doubt === null) return;
      advice.push(problemOf(new RuleFault('ambiguous_filter', whereDoubted, doubt), index));
    } catch (error) {
      if (!(error instanceof RuleFault)) throw error;
      problems.push(problemOf(error, index));
    }
  });
  const [first] = filters;
  if (problems.length > 0 || first === undefined) return { ok: false, problems };
  return { ok: true, kind: 'filter', filters, main: headOf(first.document), advice };
}

const whereDoubted = ['filter', 'condition'];

function notAlone(): RuleFault {
  return new RuleFault('shape', [], 'A source of filters holds no rules.');
}

/** Registers what a document is called. @throws RuleFault `duplicate_name` */
function takeNames(document: FilterDocument, taken: Set<string>): void {
  for (const field of ['id', 'name'] as const) {
    const name = document[field];
    if (name === undefined) continue;
    if (taken.has(name)) {
      throw new RuleFault('duplicate_name', [field], `"${name}" is used twice in this source.`);
    }
    taken.add(name);
  }
}

function headOf(document: FilterDocument): FilterHead {
  return {
    key: document.name ?? document.id ?? 'document-0',
    title: document.title,
    description: document.description ?? '',
    status: document.status ?? 'experimental',
    tags: document.tags ?? [],
    falsePositives: document.falsepositives ?? [],
  };
}
