import type { Scenario, ScenarioStep } from '#db/scenarios/scenario.ts';
import { sha256Hex } from '#server/kernel/hash.ts';
import type { WireEvent } from '#server/telemetry/contract.ts';
import { chooseWords, fillTemplate, type Random, type Words } from './fill-template.ts';

/** An event of a run and the moment at which its agent posts it: when it has ended. */
export interface PlayedEvent {
  readonly atMs: number;
  readonly event: WireEvent;
}

/** A step is up to this much slower or faster than written. */
const paceSpread = 0.3;

interface Place {
  readonly runId: string;
  readonly index: number;
  readonly startMs: number;
  readonly endMs: number;
  readonly parentSpanId: string | null;
}

const spanIdOf = (runId: string, index: number) => sha256Hex(`${runId}/${index}`).slice(0, 16);

function eventOf(scenario: Scenario, step: ScenarioStep, words: Words, place: Place): WireEvent {
  const fill = (template: ScenarioStep['input']) =>
    template === undefined ? null : fillTemplate(template, words);
  const isTool = step.kind === 'tool_call';
  const data = step.data === undefined ? null : fillTemplate(step.data, words);
  return {
    id: `demo-${place.runId}-${place.index}`,
    traceId: sha256Hex(place.runId).slice(0, 32),
    spanId: spanIdOf(place.runId, place.index),
    parentSpanId: place.parentSpanId,
    sessionId: `demo-${place.runId}`,
    agent: scenario.agent,
    instanceId: `${scenario.agent}-1`,
    user: step.kind === 'user_message' ? `user-${words['customerId']}` : null,
    kind: step.kind,
    callId: isTool ? `call-${place.index}` : null,
    name: step.name ?? (step.kind === 'llm_call' ? scenario.model : null),
    startedAt: new Date(place.startMs).toISOString(),
    endedAt: new Date(place.endMs).toISOString(),
    status: step.error === undefined ? 'ok' : 'error',
    input: fill(step.input),
    output: fill(step.output),
    error: fill(step.error),
    model: step.kind === 'llm_call' ? scenario.model : null,
    usage: step.kind === 'llm_call' ? usageOf(step, words) : null,
    data: data === null ? null : (data as WireEvent['data']),
    source: { trust: step.trust ?? 'unknown', origin: step.origin ?? null },
    attributes: { demo: true },
  };
}

/** Token counts that follow from the texts: about four characters a token. */
function usageOf(step: ScenarioStep, words: Words): WireEvent['usage'] {
  const tokens = (template: ScenarioStep['input']) =>
    Math.ceil(JSON.stringify(fillTemplate(template ?? '', words)).length / 4);
  return { inputTokens: 350 + tokens(step.input), outputTokens: 20 + tokens(step.output) };
}

/**
 * One run of a scenario as the events that its agent posts, in order. Pure: scenario, run id, random
 * source and start decide everything. A tool call hangs below the model's call before it, everything
 * else below the first event.
 */
export function playScenario(
  scenario: Scenario,
  run: { readonly id: string; readonly startMs: number; readonly random: Random },
): PlayedEvent[] {
  const words = chooseWords(run.random);
  const played: PlayedEvent[] = [];
  let atMs = run.startMs;
  let modelSpan: string | null = null;
  for (const step of scenario.steps) {
    for (let repeat = 1; repeat <= (step.repeats ?? 1); repeat += 1) {
      const pace = step.repeats === undefined ? 1 - paceSpread + run.random() * 2 * paceSpread : 1;
      const startMs = atMs + Math.round(step.afterMs * pace);
      const endMs = startMs + Math.max(1, Math.round(step.tookMs * pace));
      const index = played.length;
      const root = index === 0 ? null : spanIdOf(run.id, 0);
      const parentSpanId = step.kind === 'tool_call' ? (modelSpan ?? root) : root;
      const place = { runId: run.id, index, startMs, endMs, parentSpanId };
      played.push({
        atMs: endMs,
        event: eventOf(scenario, step, { ...words, repeat }, place),
      });
      if (step.kind === 'llm_call') modelSpan = spanIdOf(run.id, index);
      atMs = endMs;
    }
  }
  return played;
}
