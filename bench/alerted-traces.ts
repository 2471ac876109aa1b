import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { readEnv } from '#server/kernel/env.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import { waitUntilCaughtUp } from './caught-up.ts';
import { type Figure, note, rounded, noFloor } from './figure.ts';
import { paraphrasedInjections } from './paraphrased-injections.ts';
import type { BenchTenant, Stack } from './stack.ts';

/** Alerts below this are context, not something that asks for a person. */
export const severities = ['medium', 'high', 'critical'];
const corpora = ['agentdojo', 'agentdyn', 'asb'];

const labelledSchema = z.object({
  source: z.string(),
  id: z.string(),
  injected: z.boolean(),
  labels: z.object({ injection_seen_by_agent: z.boolean().nullish() }),
});

/** What is known of a trace besides what was posted of it. */
interface LabelledTrace {
  readonly traceId: string;
  readonly isInjected: boolean;
  /** The agent read the message that carries the injection; only then is there anything to see. */
  readonly isRead: boolean;
}

function readLabels(file: string): LabelledTrace[] {
  const lines = readFileSync(file, 'utf8').split('\n').filter(Boolean);
  return lines.map((line) => {
    const trace = labelledSchema.parse(JSON.parse(line));
    return {
      // As the outer contract has it (section 3): the labels meet the alerts only here.
      traceId: sha256Hex([trace.source, trace.id].join('\u001f')).slice(0, 32),
      isInjected: trace.injected,
      isRead: trace.labels.injection_seen_by_agent === true,
    };
  });
}

/** Our own injections as recorded traces, each with a twin that lacks the injection. */
export function paraphrasedTraces(): string {
  const lines = paraphrasedInjections.flatMap((item, index) =>
    [true, false].map((isInjected) => ({
      source: 'paraphrased',
      id: `${index}/${isInjected ? 'injected' : 'clean'}`,
      model: 'none',
      injected: isInjected,
      messages: [
        { role: 'user', content: item.task },
        { role: 'assistant', content: '', tool_calls: [{ name: item.tool, args: {} }] },
        {
          role: 'tool',
          tool_name: item.tool,
          // A mark for who measures; the replay posts nothing of it.
          injected: isInjected,
          content: isInjected
            ? item.before + item.injection + item.after
            : item.before + item.after,
        },
        { role: 'assistant', content: 'Done.' },
      ],
      labels: { suite: `set-${index % 5}`, injection_seen_by_agent: isInjected },
    })),
  );
  return lines.map((line) => `${JSON.stringify(line)}\n`).join('');
}

/** Rules that raised an alert of at least medium severity, by trace. */
async function readAlerted(stack: Stack, tenant: BenchTenant): Promise<Map<string, Set<string>>> {
  const rows = await stack.admin<{ trace: string; rule: string }[]>`
    select distinct translate(e.trace_id::text, '-', '') as trace, r.slug as rule
    from alert_evidence e
    join alerts a on a.tenant_id = e.tenant_id and a.id = e.alert_id
    join rules r on r.tenant_id = a.tenant_id and r.id = a.rule_id
    where e.tenant_id = ${tenant.uuid} and a.severity = any (${severities})`;
  const byTrace = new Map<string, Set<string>>();
  for (const { trace, rule } of rows) {
    const rules = byTrace.get(trace) ?? new Set();
    byTrace.set(trace, rules.add(rule));
  }
  return byTrace;
}

/** Share of traces with an alert, and by rule, in percent. */
export function shareAlerted(
  traces: readonly LabelledTrace[],
  alerted: ReadonlyMap<string, ReadonlySet<string>>,
): { readonly percent: number; readonly percentByRule: Readonly<Record<string, number>> } {
  const percentOf = (count: number): number => rounded((100 * count) / traces.length);
  const counts = new Map<string, number>();
  let any = 0;
  for (const { traceId } of traces) {
    const rules = alerted.get(traceId);
    if (rules === undefined) continue;
    any += 1;
    for (const rule of rules) counts.set(rule, (counts.get(rule) ?? 0) + 1);
  }
  const byRule = [...counts].toSorted(([a], [b]) => a.localeCompare(b));
  return {
    percent: percentOf(any),
    percentByRule: Object.fromEntries(byRule.map(([rule, count]) => [rule, percentOf(count)])),
  };
}

async function measureCorpus(stack: Stack, corpus: string, file: string): Promise<Figure[]> {
  const tenant = await stack.makeTenant();
  const posted = await stack.command(['replay', file, '--tenant', tenant.slug, '--json']);
  note(`${corpus}: ${JSON.stringify(posted)}`);
  await waitUntilCaughtUp(stack.admin, tenant.uuid);
  const alerted = await readAlerted(stack, tenant);
  const labels = readLabels(file);
  const groups = {
    clean: labels.filter((trace) => !trace.isInjected),
    injected: labels.filter((trace) => trace.isInjected),
    injectionRead: labels.filter((trace) => trace.isInjected && trace.isRead),
  };
  return Object.entries(groups).map(([group, traces]) => {
    const { percent, percentByRule } = shareAlerted(traces, alerted);
    return {
      name: 'alerted-traces',
      unit: '%',
      value: percent,
      p50: null,
      p99: null,
      ...noFloor,
      params: { corpus, group, traces: traces.length, severity: 'medium or higher', percentByRule },
    };
  });
}

/**
 * How many attacked and how many clean traces of recorded runs get an alert that asks for a person.
 * The recordings go through the product's own replay, without their labels; the labels are joined
 * to the alerts afterwards. Our own paraphrases come last, each beside its clean twin.
 */
export async function benchAlertedTraces(stack: Stack): Promise<Figure[]> {
  const figures: Figure[] = [];
  const data = readEnv().SIGNALBOX_TESTDATA;
  if (data === undefined) note('SIGNALBOX_TESTDATA is not set: only our own traces are measured');
  for (const corpus of data === undefined ? [] : corpora) {
    figures.push(
      ...(await measureCorpus(stack, corpus, join(data ?? '', 'traces', `${corpus}.jsonl`))),
    );
  }
  const folder = mkdtempSync(join(tmpdir(), 'signalbox-paraphrased-'));
  try {
    const file = join(folder, 'paraphrased.jsonl');
    writeFileSync(file, paraphrasedTraces());
    figures.push(...(await measureCorpus(stack, 'paraphrased', file)));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return figures;
}
