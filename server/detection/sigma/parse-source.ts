import { isMap, isScalar, LineCounter, parseAllDocuments, type Document } from 'yaml';
import type { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';
import {
  correlationDocumentSchema,
  detectionDocumentSchema,
  filterDocumentSchema,
  type RuleDocument,
} from '#server/detection/sigma/rule-documents.ts';
import type { RulePath, RuleProblem } from '#server/detection/sigma/rule-fault.ts';

/** A source read as far as its shape; `locate` finds the line of a path in one of its documents. */
export interface ParsedSource {
  readonly documents: readonly RuleDocument[];
  readonly problems: readonly RuleProblem[];
  readonly locate: (
    document: number,
    path: RulePath,
  ) => { readonly line: number | null; readonly column: number | null };
}

/**
 * Reads YAML (1.2 core, one or more documents) into Sigma documents. Bounded in size, documents,
 * nesting and nodes before anything walks it; duplicate keys are errors, as a rule whose second
 * half is silently dropped would look as if it watched.
 */
export function parseSource(source: string): ParsedSource {
  const lines = new LineCounter();
  if (Buffer.byteLength(source) > limits.ruleSourceBytesMax) {
    return refuse('too_large', `A rule's source is at most ${limits.ruleSourceBytesMax} bytes.`);
  }
  const parsed = parseAllDocuments(source, { lineCounter: lines, uniqueKeys: true });
  const yamlDocuments: readonly Document[] = Array.isArray(parsed) ? parsed : [];
  const isEmpty = yamlDocuments.every((item) => item.contents === null);
  if (isEmpty) return refuse('shape', 'There is no rule in this source.');
  if (yamlDocuments.length > limits.ruleDocumentsMax) {
    return refuse('too_large', `At most ${limits.ruleDocumentsMax} documents.`);
  }
  const documents: RuleDocument[] = [];
  const problems: RuleProblem[] = [];
  // An empty document (a file that ends in "---") counts for nobody.
  const filled = yamlDocuments.filter((item) => item.contents !== null || item.errors.length > 0);
  const locate: ParsedSource['locate'] = (index, path) => positionOf(filled[index], path, lines);
  filled.forEach((yamlDocument, index) => {
    const result = readDocument(yamlDocument, index, locate);
    if ('problems' in result) problems.push(...result.problems);
    else documents.push(result.document);
  });
  return { documents, problems, locate };
}

function refuse(code: RuleProblem['code'], message: string): ParsedSource {
  const nowhere = { line: null, column: null };
  const problem: RuleProblem = { code, message, document: 0, path: [], ...nowhere };
  return { documents: [], problems: [problem], locate: () => nowhere };
}

type ReadResult =
  | { readonly document: RuleDocument }
  | { readonly problems: readonly RuleProblem[] };

function readDocument(
  yamlDocument: Document,
  index: number,
  locate: ParsedSource['locate'],
): ReadResult {
  if (yamlDocument.errors.length > 0) {
    return { problems: yamlDocument.errors.slice(0, 10).map((error) => yamlProblem(error, index)) };
  }
  const at = (code: RuleProblem['code'], path: RulePath, message: string): RuleProblem => ({
    code,
    message,
    document: index,
    path,
    ...locate(index, path),
  });
  let value: unknown;
  try {
    value = yamlDocument.toJS({ maxAliasCount: 32 });
  } catch (error) {
    return { problems: [at('yaml', [], error instanceof Error ? error.message : 'Not YAML.')] };
  }
  const excess = excessOf(value);
  if (excess !== null) return { problems: [at('too_large', [], excess)] };
  const kind = kindOf(value);
  if (kind === null) {
    const message = 'A document needs one of "detection", "correlation" or "filter".';
    return { problems: [at('shape', [], message)] };
  }
  const result = readKind(kind, value);
  if (result.success) return { document: result.data };
  return {
    problems: result.error.issues.slice(0, 20).map((issue) => {
      const path = issue.path.filter((key) => typeof key !== 'symbol');
      return at('shape', path, `${path.join('.') || 'document'}: ${issue.message}`);
    }),
  };
}

function yamlProblem(error: Document['errors'][number], document: number): RuleProblem {
  const [start] = error.linePos ?? [];
  const place = { line: start?.line ?? null, column: start?.col ?? null };
  // The parser recurses: a source that is nothing but brackets ends as its overflowing stack.
  if (/call stack|stack overflow/i.test(error.message)) {
    return { code: 'too_large', message: 'Too deeply nested.', document, path: [], ...place };
  }
  const message = error.message.split(/ at line |\n/)[0] ?? 'This is not YAML.';
  return { code: 'yaml', message: `${message}.`, document, path: [], ...place };
}

const schemas = {
  detection: detectionDocumentSchema,
  correlation: correlationDocumentSchema,
  filter: filterDocumentSchema,
} as const;

type Read =
  | { readonly success: true; readonly data: RuleDocument }
  | { readonly success: false; readonly error: z.ZodError };

function readKind(kind: RuleDocument['kind'], value: unknown): Read {
  const result = schemas[kind].safeParse(value);
  if (!result.success) return { success: false, error: result.error };
  // The schema was picked by the same key, so kind and document belong together.
  return { success: true, data: { kind, document: result.data } as RuleDocument };
}

function kindOf(value: unknown): RuleDocument['kind'] | null {
  if (typeof value !== 'object' || value === null) return null;
  if ('correlation' in value) return 'correlation';
  if ('filter' in value) return 'filter';
  return 'detection' in value ? 'detection' : null;
}

/** A sentence when the value nests or counts beyond its bounds (aliases expand here). */
function excessOf(root: unknown): string | null {
  let nodes = 0;
  const pending: { readonly value: unknown; readonly depth: number }[] = [
    { value: root, depth: 0 },
  ];
  for (let item = pending.pop(); item !== undefined; item = pending.pop()) {
    nodes += 1;
    if (nodes > limits.ruleNodesMax) return `At most ${limits.ruleNodesMax} values in a document.`;
    if (item.depth > limits.ruleDepthMax) return `At most ${limits.ruleDepthMax} levels deep.`;
    if (typeof item.value !== 'object' || item.value === null) continue;
    for (const value of Object.values(item.value) as unknown[]) {
      pending.push({ value, depth: item.depth + 1 });
    }
  }
  return null;
}

/** Line of the nearest node that exists on the way to `path`. */
function positionOf(
  yamlDocument: Document | undefined,
  path: RulePath,
  lines: LineCounter,
): { readonly line: number | null; readonly column: number | null } {
  for (let length = path.length; length >= 0 && yamlDocument !== undefined; length -= 1) {
    const offset = offsetOf(yamlDocument, path.slice(0, length));
    if (offset === null) continue;
    const place = lines.linePos(offset);
    return { line: place.line, column: place.col };
  }
  return { line: null, column: null };
}

/** Offset of a path's key where it has one: a person looks for the key, not for its value. */
function offsetOf(yamlDocument: Document, path: RulePath): number | null {
  const last = path.at(-1);
  const parent: unknown =
    path.length <= 1 ? yamlDocument.contents : yamlDocument.getIn(path.slice(0, -1), true);
  if (isMap(parent) && last !== undefined) {
    const pair = parent.items.find((item) => isScalar(item.key) && item.key.value === last);
    if (pair !== undefined && isScalar(pair.key)) return pair.key.range?.[0] ?? null;
  }
  const node: unknown = path.length === 0 ? yamlDocument.contents : yamlDocument.getIn(path, true);
  if (typeof node !== 'object' || node === null || !('range' in node)) return null;
  const range: unknown = node.range;
  return Array.isArray(range) && typeof range[0] === 'number' ? range[0] : null;
}
