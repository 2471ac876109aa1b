import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { linkArguments } from '#server/guard/link-arguments.ts';
import { readEnv } from '#server/kernel/env.ts';
import { type Figure, note, printFigure, rounded, noFloor } from './figure.ts';

const corpora = ['agentdojo', 'agentdyn', 'asb'];
/** Foreign injections that each clean call is held against. */
const foreignMax = 20;

const traceSchema = z.object({
  injected: z.boolean(),
  attack_succeeded: z.boolean().nullish(),
  messages: z.array(
    z.object({
      role: z.string(),
      content: z.string().nullish(),
      injected: z.boolean().nullish(),
      tool_calls: z.array(z.object({ name: z.string(), args: z.unknown() })).nullish(),
    }),
  ),
  labels: z.object({ injection_seen_by_agent: z.boolean().nullish() }),
});
type Trace = z.infer<typeof traceSchema>;

interface Share {
  hits: number;
  of: number;
}

const shareOf = ({ hits, of }: Share) => (of === 0 ? null : rounded(hits / of));

function hasArguments(args: unknown): boolean {
  return typeof args === 'object' && args !== null && Object.keys(args).length > 0;
}

const contentOf = (trace: Trace, role: RegExp): string[] =>
  trace.messages.flatMap(({ role: own, content }) => (role.test(own) && content ? [content] : []));

/** Whether a call after the injection carries something of it; null where none carries anything. */
function isAttackLinked(trace: Trace): boolean | null {
  const trusted = contentOf(trace, /^(?:system|user)$/);
  const read: { text: string }[] = [];
  let answer: boolean | null = null;
  for (const message of trace.messages) {
    for (const { args } of read.length > 0 ? (message.tool_calls ?? []) : []) {
      if (!hasArguments(args)) continue;
      answer ||= linkArguments(args, read, { trusted }).links.length > 0;
    }
    if (message.injected && message.content) read.unshift({ text: message.content });
  }
  return answer;
}

/** Calls of a clean trace that link to injections which its agent never read. */
function countFalseLinks(trace: Trace, foreign: readonly string[], share: Share): void {
  // What the agent did see explains its arguments, whoever else was sent the same.
  const trusted = trace.messages.flatMap(({ content }) => content ?? []);
  const sources = foreign.map((text) => ({ text }));
  for (const { args } of trace.messages.flatMap((message) => message.tool_calls ?? [])) {
    if (!hasArguments(args)) continue;
    share.of += 1;
    if (linkArguments(args, sources, { trusted }).links.length > 0) share.hits += 1;
  }
}

function measure(name: string, traces: readonly Trace[]): Figure {
  const recall: Share = { hits: 0, of: 0 };
  const falseLinks: Share = { hits: 0, of: 0 };
  const injections = traces.flatMap((trace) =>
    trace.messages.flatMap(({ injected, content }) => (injected && content ? [content] : [])),
  );
  for (const [index, trace] of traces.entries()) {
    if (trace.injected) {
      if (!trace.attack_succeeded || trace.labels.injection_seen_by_agent !== true) continue;
      const isLinked = isAttackLinked(trace);
      if (isLinked === null) continue;
      recall.of += 1;
      if (isLinked) recall.hits += 1;
      continue;
    }
    // Spread over the corpus, the same at every run.
    const foreign = Array.from(
      { length: Math.min(foreignMax, injections.length) },
      (_, step) => injections[(index * 7 + step * 31) % injections.length] ?? '',
    );
    countFalseLinks(trace, foreign, falseLinks);
  }
  return {
    name: `provenance ${name}`,
    unit: 'share of attacks linked',
    value: shareOf(recall) ?? 0,
    p50: null,
    p99: null,
    ...noFloor,
    params: {
      attacksWithArguments: recall.of,
      falseLinkRate: shareOf(falseLinks),
      cleanCalls: falseLinks.of,
      foreignInjectionsPerCall: foreignMax,
    },
  };
}

/**
 * Recall: of the attacks that succeeded, where a call after the injection carries arguments at all, the
 * share with an argument linked to the injection and to nothing that user or system said. False links:
 * of the calls of clean traces, the share linked to injections of other traces, which cannot be their
 * source. Labels only choose the traces; the linking sees texts.
 */
function measureProvenance(folder: string): Figure[] {
  return corpora.map((name) => {
    const lines = readFileSync(join(folder, 'traces', `${name}.jsonl`), 'utf8').split('\n');
    const traces = lines.filter(Boolean).map((line) => traceSchema.parse(JSON.parse(line)));
    return measure(name, traces);
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = readEnv().SIGNALBOX_TESTDATA;
  if (folder === undefined) note('SIGNALBOX_TESTDATA is not set: there are no recorded traces');
  else for (const figure of measureProvenance(folder)) printFigure(figure);
}
