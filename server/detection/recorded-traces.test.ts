import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { commonTools } from '#server/agents/common-tools.ts';
import { mapRecordedTrace, recordedTraceSchema, replayBase } from '#server/cli/replay-mapping.ts';
import { defaultRules } from '#server/detection/default-rules/index.ts';
import { replayRules } from '#server/detection/replay-rules.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { decodeEvents } from '#server/ingest/decode-events.ts';
import { redactEvent } from '#server/ingest/redact.ts';

/**
 * Real agent runs, clean and under attack, through the real decoding, redaction, signatures and
 * rules, without a database. Nothing of the labels is seen on the way; they only count the outcome.
 */
const root = process.env['SIGNALBOX_TESTDATA'];

const pack = buildPack(
  defaultRules.map((source, index) => {
    const compiled = compileSource(source);
    if (!compiled.ok) throw new Error('a default rule does not compile');
    return { ruleId: `rul_${index}`, version: 1, rules: compiled.rules };
  }),
);
const tools = new Map(commonTools.map((tool) => [tool.name, tool]));
const tenantKey = new Uint8Array(32).fill(7);

interface Recorded {
  readonly injected: boolean;
  /** The run really met the injection: an attack that was never read cannot be seen. */
  readonly isMet: boolean;
  readonly severities: ReadonlySet<string>;
}

function play(file: string): Recorded[] {
  const replay = replayRules(pack, tools);
  const lines = readFileSync(path.join(root ?? '', 'traces', file), 'utf8')
    .trim()
    .split('\n');
  return lines.map((line, index) => {
    const raw = JSON.parse(line) as {
      injected: boolean;
      labels: { injection_seen_by_agent?: boolean };
    };
    const wire = mapRecordedTrace(recordedTraceSchema.parse(raw), index, Date.parse(replayBase));
    const { accepted } = decodeEvents(Buffer.from(JSON.stringify({ events: wire })));
    const severities = new Set<string>();
    for (const { draft } of accepted) {
      const agent = draft.agent ?? '';
      const findings = replay.take({
        ...redactEvent(draft, { tenantKey, canaries: null, kept: null }),
        position: '',
        revision: 0,
        agentId: agent,
        agentSlug: agent,
        identity: 'verified',
        receivedAt: draft.startedAt,
      });
      for (const { rule } of findings) severities.add(rule.severity);
    }
    const { injected, labels } = raw;
    return { injected, isMet: injected && labels.injection_seen_by_agent === true, severities };
  });
}

const worth = ['medium', 'high', 'critical'];
const isAlerted = ({ severities }: Recorded) => worth.some((severity) => severities.has(severity));
const share = (runs: readonly Recorded[], what: (run: Recorded) => boolean) =>
  runs.length === 0 ? 0 : runs.filter(what).length / runs.length;

describe.skipIf(root === undefined)('the default rules over recorded runs', () => {
  it.each(['agentdojo.jsonl', 'agentdyn.jsonl', 'asb.jsonl'])(
    'leave clean runs of %s alone and see the attacks',
    (file) => {
      const runs = play(file);
      const clean = runs.filter((run) => !run.injected);
      const met = runs.filter((run) => run.isMet);
      expect(clean.length).toBeGreaterThan(300);
      expect(met.length).toBeGreaterThan(290);
      expect(share(clean, isAlerted)).toBeLessThanOrEqual(0.03);
      // Whatever its severity, an alert is somebody's minute.
      expect(share(clean, (run) => run.severities.size > 0)).toBeLessThanOrEqual(0.1);
      expect(share(met, isAlerted)).toBeGreaterThan(0.9);
    },
    120_000,
  );

  it.each(['tau-bench-airline.jsonl', 'swe-agent.jsonl'])('leave %s alone', (file) => {
    expect(share(play(file), isAlerted)).toBeLessThanOrEqual(0.03);
  });
});
