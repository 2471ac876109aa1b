import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';
import { findContradictions } from '#server/guard/find-contradictions.ts';
import { readProhibitions } from '#server/guard/read-prohibitions.ts';
import { scoreInjection, shippedModel } from '#server/guard/score-injection.ts';
import { evaluateFolder } from '#server/guard/training/train-model.ts';
import { judgeAnswer } from '#server/ingest/judge-answer.ts';
import { redactEvent } from '#server/ingest/redact.ts';
import { readEnv } from '#server/kernel/env.ts';
import { injectionSamples, innocentSamples } from '#server/testing/injection-samples.ts';
import type { EventBody, EventDraft, Json } from '#server/telemetry/contract.ts';
import { measurePlainClassifier } from './plain-classifier.ts';
import { type Figure, note, percentile, printFigure, rounded } from './figure.ts';

const emptyBody: EventBody = {
  input: null,
  output: null,
  error: null,
  usage: null,
  data: null,
  source: { trust: 'unknown', origin: null },
  attributes: {},
};

function draftOf(index: number, change: Partial<EventDraft>, body: Partial<EventBody>): EventDraft {
  return {
    id: `e-${index}`,
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    parentSpanId: null,
    sessionId: `s-${index % 100}`,
    conversationId: null,
    agent: 'billing-bot',
    instanceId: 'pod-3',
    user: 'u-42',
    kind: 'tool_call',
    phase: null,
    callId: `c-${index}`,
    name: 'read_inbox',
    startedAt: '2026-11-22T08:00:00.000Z',
    endedAt: '2026-11-22T08:00:00.120Z',
    status: 'ok',
    model: null,
    actionId: null,
    dialect: 'native',
    flags: [],
    ...change,
    body: { ...emptyBody, ...body },
  };
}

const cities = ['Bern', 'Lyon', 'Graz', 'Turin', 'Ghent', 'Porto', 'Malmö', 'Brno'];

/** A row of what most tools return: structured, and about nobody in particular. */
function rowOf(index: number): Json {
  return {
    id: `b7e2c9d4-${String(index % 10_000).padStart(4, '0')}-4c1f-9a55-0d3e8f6a7b21`,
    title: `Delivery ${index} to ${cities[index % cities.length]}`,
    status: index % 3 === 0 ? 'delayed' : 'on the way',
    weightKg: (index % 40) + 0.5,
    updatedAt: `2026-11-${String((index % 28) + 1).padStart(2, '0')}T10:20:30.000Z`,
  };
}

/**
 * About 1.5 kB of what tools return: rows, and prose that speaks of tools, passwords and instructions
 * innocently. Every fifth holds personal data, every hundredth an attack.
 */
function outputOf(index: number): Json {
  const prose = [0, 1, 2].map(
    (step) => innocentSamples[(index * 7 + step) % innocentSamples.length]?.text ?? '',
  );
  if (index % 5 === 0) prose.push(`Ann Lee, ann.lee${index}@example.com, +1 415-555-2671`);
  if (index % 100 === 0) prose.push(injectionSamples[index % injectionSamples.length]?.text ?? '');
  const rows = [0, 1, 2, 3, 4, 5].map((step) => rowOf(index * 6 + step));
  return { status: 'ok', rows, summary: prose.join('\n') };
}

/** A trace's mix: a user asks, the model answers, tools are called and return. */
function makeEvents(count: number): EventDraft[] {
  return Array.from({ length: count }, (_, index) => {
    if (index % 4 === 0) {
      const messages = innocentSamples.slice(index % 40, (index % 40) + 8).map(({ text }) => text);
      return draftOf(index, { kind: 'llm_call', name: 'chat' }, { output: messages.join('\n') });
    }
    return draftOf(index, {}, { input: { folder: 'inbox', limit: 20 }, output: outputOf(index) });
  });
}

/**
 * Cost of everything that ingest looks for in an event before it is stored, in microseconds a
 * kilobyte of body: median over events by the clock, and the mean by processor time, which a busy
 * machine does not distort.
 */
export function measureGuard(count = 4000, rounds = 5): Figure {
  const events = makeEvents(count);
  const kilobytes = events.map((event) => JSON.stringify(event.body).length / 1000);
  const total = kilobytes.reduce((sum, size) => sum + size, 0);
  const tools = { tenantKey: new Uint8Array(32).fill(1), canaries: null, kept: null };
  for (const event of events) redactEvent(event, tools);
  const samples: number[] = [];
  const begin = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1)
    for (const [index, event] of events.entries()) {
      const at = performance.now();
      redactEvent(event, tools);
      samples.push(((performance.now() - at) * 1000) / (kilobytes[index] ?? 1));
    }
  const used = process.cpuUsage(begin);
  const microseconds = (used.user + used.system) / rounds;
  return {
    name: 'guard',
    unit: 'us/kB',
    value: rounded(microseconds / total),
    p50: rounded(percentile(samples, 0.5)),
    p99: rounded(percentile(samples, 0.99)),
    floorName: 'budget of the inline layer',
    floor: 25,
    ratio: rounded(percentile(samples, 0.5) / 25),
    params: {
      events: count,
      bytesPerEvent: Math.round((total * 1000) / count),
      microsecondsPerEvent: rounded(microseconds / count),
      note: 'p50 and p99 are microseconds a kB of single events by the clock; value is processor time',
    },
  };
}

/** Cost of the deep layer, which reads untrusted text behind the log: processor time alone. */
function measureDeepLayer(count = 2000, rounds = 3): Figure {
  const texts = makeEvents(count).map((event) => JSON.stringify(event.body.output));
  const kilobytes = texts.reduce((sum, text) => sum + text.length / 1000, 0);
  for (const text of texts) scoreInjection(text, 'tool_output');
  const begin = process.cpuUsage();
  for (let round = 0; round < rounds; round += 1)
    for (const text of texts) scoreInjection(text, 'tool_output');
  const used = process.cpuUsage(begin);
  return {
    ...noFloor,
    name: 'guard-deep',
    unit: 'us/kB',
    value: rounded((used.user + used.system) / rounds / kilobytes),
    params: { texts: count, model: shippedModel().version },
  };
}

const noFloor = { p50: null, p99: null, floorName: null, floor: null, ratio: null } as const;

/**
 * How well the classifier knows corpora that its weights never saw, beside what a plain one learns from the
 * same texts; a line a kind and a corpus.
 */
function measureClassifier(folder: string): Figure[] {
  const { report } = evaluateFolder(folder, note);
  note('the plain classifier on the same folds …');
  const plain = new Map(measurePlainClassifier(folder).map((row) => [row.kind, row]));
  const kinds = report.kinds.map(({ kind, auc, recallPercent, attacks, innocents }): Figure => ({
    ...noFloor,
    name: 'guard-classifier',
    unit: 'AUC',
    value: auc,
    floorName: 'regression over runs of one to three words, same texts and folds',
    floor: plain.get(kind)?.auc ?? null,
    ratio: rounded(auc / (plain.get(kind)?.auc ?? NaN)),
    params: {
      kind,
      recallPercentAtOnePercent: recallPercent,
      floorRecallPercentAtOnePercent: plain.get(kind)?.recallPercent ?? null,
      attacks,
      innocents,
    },
  }));
  const corpora = report.corpora.map(({ corpus, kind, ...shares }): Figure => ({
    ...noFloor,
    name: 'guard-corpus',
    unit: '%',
    value: shares.falsePositivePercent ?? shares.recallPercent ?? 0,
    params: { corpus, kind, ...shares },
  }));
  return [...kinds, ...corpora];
}

const recordedSchema = z.object({
  injected: z.boolean(),
  messages: z.array(z.object({ role: z.string(), content: z.string().nullish() })),
});
const recorded = ['agentdojo', 'agentdyn', 'asb', 'tau-bench-airline', 'swe-agent'];

/** Findings over whole model calls: every answer of a recorded run under the instructions of that run. */
function measureAnswers(folder: string): Figure[] {
  return recorded.map((corpus) => {
    const lines = readFileSync(join(folder, 'traces', `${corpus}.jsonl`), 'utf8').split('\n');
    const runs = lines.filter(Boolean).map((line) => recordedSchema.parse(JSON.parse(line)));
    const clean = runs.filter((run) => !run.injected);
    const hits = { contradiction: 0, mixed_instruction: 0 };
    let answers = 0;
    let kilobytes = 0;
    const begin = process.cpuUsage();
    for (const { messages } of clean) {
      const types = new Set<string>();
      for (const [at, { role, content }] of messages.entries()) {
        if (role !== 'assistant' || !content) continue;
        answers += 1;
        const body = { ...emptyBody, input: messages.slice(0, at), output: content };
        for (const { type } of judgeAnswer('llm_call', body)) types.add(type);
        kilobytes += [...body.input, { content }].reduce(
          (sum, said) => sum + (said.content?.length ?? 0) / 1000,
          0,
        );
      }
      if (types.has('contradiction')) hits.contradiction += 1;
      if (types.has('mixed_instruction')) hits.mixed_instruction += 1;
    }
    const used = process.cpuUsage(begin);
    const percentOf = (count: number) => rounded((100 * count) / Math.max(1, clean.length));
    const microsecondsPerKilobyte = rounded((used.user + used.system) / kilobytes);
    return {
      ...noFloor,
      name: 'guard-answers',
      unit: '% of clean runs with a contradiction',
      value: percentOf(hits.contradiction),
      params: {
        corpus,
        clean: clean.length,
        answers,
        mixedPercent: percentOf(hits.mixed_instruction),
        microsecondsPerKilobyte,
      },
    };
  });
}

/**
 * Foreign instructions for every answer: system prompts of CyberSecEval that forbid something, each with
 * answers of clean runs, which were made under others. What is found there is found by accident.
 */
function measureForeignBans(folder: string): Figure {
  const read = (path: string) =>
    readFileSync(join(folder, path), 'utf8').split('\n').filter(Boolean);
  const prompts = new Set(
    read('texts/cyberseceval_prompt_injection.jsonl').flatMap((line) => {
      const { system_prompt: prompt } = z
        .object({ system_prompt: z.string().nullish() })
        .parse(JSON.parse(line));
      return prompt && readProhibitions(prompt).length > 0 ? [prompt] : [];
    }),
  );
  const answers = recorded.flatMap((corpus) =>
    read(`traces/${corpus}.jsonl`).flatMap((line) => {
      const run = recordedSchema.parse(JSON.parse(line));
      const said = run.messages.filter(({ role }) => role === 'assistant');
      return run.injected ? [] : said.flatMap(({ content }) => content || []);
    }),
  );
  let hits = 0;
  for (const instructions of prompts)
    for (const output of answers)
      if (findContradictions({ instructions, request: '', output }).length > 0) hits += 1;
  const pairs = prompts.size * answers.length;
  return {
    ...noFloor,
    name: 'guard-foreign-bans',
    unit: '% of answers contradicted by accident',
    value: rounded((100 * hits) / Math.max(1, pairs)),
    params: { prompts: prompts.size, answers: answers.length },
  };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  note('guard: inspecting and redacting events …');
  printFigure(measureGuard());
  printFigure(measureDeepLayer());
  const folder = readEnv().SIGNALBOX_TESTDATA;
  if (folder === undefined) note('SIGNALBOX_TESTDATA is not set: the classifier is not measured');
  else {
    for (const figure of measureAnswers(folder)) printFigure(figure);
    printFigure(measureForeignBans(folder));
    for (const figure of measureClassifier(folder)) printFigure(figure);
  }
}
