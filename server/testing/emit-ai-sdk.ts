import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel';
import { generateText, stepCountIs, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';
import { startTracing } from '#server/testing/start-tracing.ts';
import type { ExporterEncoding } from '#server/testing/start-tracing.ts';

/** AI SDK 7: a tool call and an answer, in the `gen_ai.*` dialect or the old `ai.*` one. */
export async function emitAiSdk(
  encoding: ExporterEncoding,
  dialect: 'gen_ai' | 'legacy',
): Promise<void> {
  const provider = startTracing(encoding);
  const tracer = provider.getTracer('ai');
  const telemetry =
    dialect === 'gen_ai' ? new OpenTelemetry({ tracer }) : new LegacyOpenTelemetry({ tracer });
  await generateText({
    model: mockModel(),
    instructions: 'You are a weather agent.',
    prompt: 'What is the weather in Paris?',
    tools: {
      get_weather: tool({
        description: 'Weather of a city',
        inputSchema: z.object({ city: z.string() }),
        execute: ({ city }) => Promise.resolve({ city, degrees: 21 }),
      }),
    },
    stopWhen: stepCountIs(3),
    telemetry: { functionId: 'weather-agent', integrations: [telemetry] },
  });
  await provider.shutdown();
}

function mockModel(): MockLanguageModelV4 {
  const usage = {
    inputTokens: { total: 12, noCache: 10, cacheRead: 2, cacheWrite: 0 },
    outputTokens: { total: 5, text: 4, reasoning: 1 },
  };
  const answered = (reason: 'tool-calls' | 'stop') => ({
    finishReason: { unified: reason, raw: reason },
    usage,
    warnings: [],
    response: { modelId: 'mock-1-2026', id: `response-${reason}` },
  });
  return new MockLanguageModelV4({
    provider: 'mock.chat',
    modelId: 'mock-1',
    doGenerate: [
      {
        ...answered('tool-calls'),
        content: [
          {
            type: 'tool-call',
            toolCallId: 'call-1',
            toolName: 'get_weather',
            input: '{"city":"Paris"}',
          },
        ],
      },
      { ...answered('stop'), content: [{ type: 'text', text: 'It is 21 degrees in Paris.' }] },
    ],
  });
}
