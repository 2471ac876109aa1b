import { setTimeout as wait } from 'node:timers/promises';
import { availableParallelism } from 'node:os';
import { z } from 'zod';
import { type Figure, note, rounded, noFloor } from './figure.ts';
import { callMutation, timeQuery } from './person.ts';
import type { Stack } from './stack.ts';
import { storedLog } from './stored.ts';

/** Rules of three prices: a field of the header, words in every payload, a window per agent. */
const rules: Readonly<Record<string, string>> = {
  header: `title: Header
name: bench-header
logsource: { product: ai_agent, category: tool_call }
detection:
  selection: { gen_ai.tool.name: no_such_tool }
  condition: selection
`,
  payload: `title: Payload
name: bench-payload
logsource: { product: ai_agent }
detection:
  selection: { input|contains: [nosuchword, norsuchphrase] }
  condition: selection
`,
  correlation: `title: Window
name: bench-window
correlation:
  type: event_count
  rules: [bench-failed]
  group-by: [agent.slug]
  timespan: 5m
  condition: { gte: 50 }
---
title: Failed
name: bench-failed
logsource: { product: ai_agent }
detection:
  selection: { event.status: error }
  condition: selection
`,
};

const answerSchema = z.object({
  result: z.object({
    data: z.object({
      json: z.object({
        state: z.enum(['queued', 'running', 'done', 'failed', 'cancelled']),
        eventsRead: z.number(),
        tookMs: z.number().nullable(),
        result: z.object({ alerts: z.number() }).nullable(),
      }),
    }),
  }),
});
const startedSchema = z.object({
  result: z.object({ data: z.object({ json: z.object({ id: z.string() }) }) }),
});

/** From asking for a backtest over all stored events until its result is there, by rule. */
export async function benchBacktest(stack: Stack): Promise<Figure[]> {
  const log = await storedLog(stack);
  const figures: Figure[] = [];
  for (const [kind, source] of Object.entries(rules)) {
    const startedAt = performance.now();
    const started = startedSchema.parse(
      await callMutation(stack, log.tenant, log.person, 'backtests.start', {
        ruleId: null,
        source,
        days: 30,
      }),
    );
    const { id } = started.result.data.json;
    for (;;) {
      const { body } = await timeQuery(stack, log.tenant, log.person, 'backtests.get', { id });
      const { json } = answerSchema.parse(body).result.data;
      if (json.state === 'done') {
        const seconds = (performance.now() - startedAt) / 1000;
        note(`backtest ${kind}: ${rounded(seconds)} s for ${json.eventsRead} events`);
        figures.push({
          name: `backtest ${kind}`,
          unit: 's',
          value: rounded(seconds),
          p50: null,
          p99: null,
          ...noFloor,
          params: {
            events: json.eventsRead,
            eventsPerSecond: rounded(json.eventsRead / seconds),
            alerts: json.result?.alerts ?? null,
            cores: availableParallelism(),
            postgres: stack.postgresVersion,
          },
        });
        break;
      }
      if (json.state !== 'queued' && json.state !== 'running') throw new Error(`it ${json.state}`);
      await wait(200);
    }
  }
  return figures;
}
