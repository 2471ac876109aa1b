import {
  compileParsedFilters,
  isFilterSource,
  type FilterResult,
} from '#server/detection/sigma/compile-filters.ts';
import { compileParsed, type CompileResult } from '#server/detection/sigma/compile-source.ts';
import { type FindForeign, noForeign } from '#server/detection/sigma/foreign-rules.ts';
import { parseSource } from '#server/detection/sigma/parse-source.ts';

/** Compiles a text of either kind: rules with what belongs to them, or filters alone. */
export function compileText(
  source: string,
  foreign: FindForeign = noForeign,
): CompileResult | FilterResult {
  const parsed = parseSource(source);
  return isFilterSource(parsed)
    ? compileParsedFilters(parsed)
    : compileParsed(parsed, undefined, foreign);
}
