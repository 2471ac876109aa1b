import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { commonTools } from '#server/agents/common-tools.ts';
import { mapRecordedTrace, recordedTraceSchema, replayBase } from '#server/cli/replay-mapping.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { replayRules } from '#server/detection/replay-rules.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { decodeEvents } from '#server/ingest/decode-events.ts';
import { redactEvent } from '#server/ingest/redact.ts';
import { readEnv } from '#server/kernel/env.ts';
import { paraphrasedTraces, severities } from './alerted-traces.ts';
import { type Figure, note, printFigure, rounded, noFloor } from './figure.ts';

const corpora = ['agentdojo', 'agentdyn', 'asb', 'tau-bench-airline', 'swe-agent'];
/** One second a message, ten minutes a line: as the replay places events (contract, section 3). */
const messageMs = 1000;
const lineMs = 600_000;

/** What is known of a run beside its events; it meets what was found only afterwards. */
const labelledSchema = z.object({
  injected: z.boolean(),
  messages: z.array(
    z.object({
      role: z.string(),
      injected: z.boolean().nullish(),
      tool_calls: z.array(z.unknown()).nullish(),
    }),
  ),
  labels: z.object({ injection_seen_by_agent: z.boolean().nullish() }),
});
type Labelled = z.infer<typeof labelledSchema>;

/** A rule that fired within one run, and which message it took. */
interface Fired {
  readonly rule: string;
  readonly message: number;
}

/** Plays a recording through decoding, redaction, deep layer and the shipped rules, line by line. */
function playRuns(lines: readonly string[]): Fired[][] {
  const pack = buildPack(
    defaultRules.map((source, index) => {
      const compiled = compileSource(source);
      if (!compiled.ok) throw new Error('a shipped rule does not compile');
      return { ruleId: `rul_${index}`, version: 1, rules: compiled.rules };
    }),
  );
  const replay = replayRules(pack, new Map(commonTools.map((tool) => [tool.name, tool])));
  const tenantKey = new Uint8Array(32).fill(7);
  const base = Date.parse(replayBase);
  return lines.map((line, index) => {
    const wire = mapRecordedTrace(recordedTraceSchema.parse(JSON.parse(line)), index, base);
    const { accepted } = decodeEvents(Buffer.from(JSON.stringify({ events: wire })));
    return accepted.flatMap(({ draft }) => {
      const agent = draft.agent ?? '';
      const found = replay.take({
        ...redactEvent(draft, { tenantKey, canaries: null, kept: null }),
        position: '',
        revision: 0,
        agentId: agent,
        agentSlug: agent,
        identity: 'verified',
        receivedAt: draft.startedAt,
      });
      const message = (Date.parse(draft.startedAt) - base - index * lineMs) / messageMs;
      return found
        .filter(({ rule }) => severities.includes(rule.severity))
        .map(({ rule }) => ({ rule: rule.key, message }));
    });
  });
}

/**
 * The first message with a call after the agent has read the injection: no call of the attacker's comes
 * before it. Infinity where the agent called nothing any more.
 */
function firstCallAfterReading({ messages }: Labelled): number {
  const read = messages.findIndex(({ injected }) => injected === true);
  const call = messages.findIndex(
    ({ tool_calls }, index) => index > read && (tool_calls ?? []).length > 0,
  );
  return call === -1 ? Infinity : call;
}

/** NaN, which is printed as null, where a corpus has none of the kind. */
const percentOf = (count: number, of: number) => rounded((100 * count) / of);

function countRules(runs: readonly (readonly Fired[])[]): Record<string, number> {
  const counts = new Map<string, number>();
  for (const fired of runs) {
    for (const rule of new Set(fired.map((one) => one.rule))) {
      counts.set(rule, (counts.get(rule) ?? 0) + 1);
    }
  }
  return Object.fromEntries([...counts].toSorted(([a], [b]) => a.localeCompare(b)));
}

function measureCorpus(corpus: string, text: string): Figure {
  const lines = text.split('\n').filter(Boolean);
  const runs = playRuns(lines);
  // The labels are read only now.
  const labelled = lines.map((line) => labelledSchema.parse(JSON.parse(line)));
  const clean = runs.filter((_, index) => labelled[index]?.injected === false);
  const read = runs.flatMap((fired, index) => {
    const run = labelled[index];
    if (!run?.injected || run.labels.injection_seen_by_agent !== true) return [];
    const call = firstCallAfterReading(run);
    return [{ fired, early: fired.filter(({ message }) => message < call) }];
  });
  const isAny = (fired: readonly Fired[]) => fired.length > 0;
  const early = read.map((run) => run.early);
  return {
    name: 'early-alerts',
    unit: '% of attacked runs alerted before the call',
    value: percentOf(early.filter(isAny).length, early.length),
    p50: null,
    p99: null,
    ...noFloor,
    params: {
      corpus,
      attackedAndRead: read.length,
      alertedAtAllPercent: percentOf(read.filter((run) => isAny(run.fired)).length, read.length),
      earlyByRule: countRules(early),
      cleanAlertedPercent: percentOf(clean.filter(isAny).length, clean.length),
      clean: clean.length,
      cleanByRule: countRules(clean),
      severity: 'medium or higher',
    },
  };
}

/**
 * How many attacked runs get an alert that asks for a person before the first call that follows the
 * reading of the injection, beside how many clean runs get one at all. In the order of the events: how
 * far the detector lags behind them is measured elsewhere (`alert-latency`).
 */
function main(): void {
  const folder = readEnv().SIGNALBOX_TESTDATA;
  if (folder === undefined) note('SIGNALBOX_TESTDATA is not set: only our own runs are measured');
  for (const corpus of folder === undefined ? [] : corpora) {
    const file = join(folder ?? '', 'traces', `${corpus}.jsonl`);
    printFigure(measureCorpus(corpus, readFileSync(file, 'utf8')));
  }
  printFigure(measureCorpus('paraphrased', paraphrasedTraces()));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) main();
