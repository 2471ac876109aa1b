import { AsyncLocalStorage } from 'node:async_hooks';
import { ROOT_CONTEXT, context } from '@opentelemetry/api';
import type { Context, ContextManager } from '@opentelemetry/api';
import { OTLPTraceExporter as JsonExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { OTLPTraceExporter as ProtobufExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { CompressionAlgorithm } from '@opentelemetry/otlp-exporter-base';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';
import { LangChainInstrumentation as OpenInferenceLangChain } from '@arizeai/openinference-instrumentation-langchain';
import { LangChainInstrumentation as OpenLlmetryLangChain } from '@traceloop/instrumentation-langchain';
import * as callbackManagerModule from '@langchain/core/callbacks/manager';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { fakeModel } from '@langchain/core/testing';
import { tool as langChainTool } from '@langchain/core/tools';
import { RunnableLambda } from '@langchain/core/runnables';
import { LegacyOpenTelemetry, OpenTelemetry } from '@ai-sdk/otel';
import { generateText, stepCountIs, tool } from 'ai';
import { MockLanguageModelV4 } from 'ai/test';
import { z } from 'zod';

/**
 * Real agents on mock models, instrumented by what people really use, posting through the stock
 * exporters. Each run is one agent that looks up the weather once and answers.
 */

/** Where and how an emitter posts. */
export interface EmitterTarget {
  /** Base address; `/v1/traces` is appended. */
  readonly url: string;
  readonly encoding: 'json' | 'protobuf';
  readonly headers?: Record<string, string>;
}

export const emitterServiceName = 'weather-service';

/** Keeps the active span across awaits, as OpenTelemetry's own Node context manager does. */
class AsyncContextManager implements ContextManager {
  readonly #storage = new AsyncLocalStorage<Context>();
  active(): Context {
    return this.#storage.getStore() ?? ROOT_CONTEXT;
  }
  with<A extends unknown[], F extends (...args: A) => ReturnType<F>>(
    active: Context,
    run: F,
    thisArg?: ThisParameterType<F>,
    ...args: A
  ): ReturnType<F> {
    return this.#storage.run(active, () => run.call(thisArg, ...args));
  }
  bind<T>(_: Context, target: T): T {
    return target;
  }
  enable(): this {
    return this;
  }
  disable(): this {
    return this;
  }
}

/** A provider that posts to `target`; call `shutdown` to flush it. */
export function startTracing(target: EmitterTarget): TracerProvider {
  context.setGlobalContextManager(new AsyncContextManager());
  const Exporter = target.encoding === 'json' ? JsonExporter : ProtobufExporter;
  const exporter = new Exporter({
    url: `${target.url}/v1/traces`,
    headers: target.headers ?? {},
    compression: CompressionAlgorithm.GZIP,
  });
  return new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': emitterServiceName,
      'service.instance.id': 'pod-3',
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter })],
  });
}

/** AI SDK 7: a tool call and an answer, in the `gen_ai.*` dialect or the old `ai.*` one. */
export async function emitAiSdk(
  target: EmitterTarget,
  dialect: 'gen_ai' | 'legacy',
): Promise<void> {
  const provider = startTracing(target);
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

/** LangChain under OpenInference's or OpenLLMetry's instrumentation: a chain, two model calls, a tool. */
export async function emitLangChain(
  target: EmitterTarget,
  instrumentation: 'openinference' | 'openllmetry',
): Promise<void> {
  const provider = startTracing(target);
  if (instrumentation === 'openinference') {
    const langChain = new OpenInferenceLangChain({ tracerProvider: provider });
    langChain.manuallyInstrument(callbackManagerModule);
  } else {
    const langChain = new OpenLlmetryLangChain();
    langChain.setTracerProvider(provider);
    langChain.manuallyInstrument({ callbackManagerModule });
  }
  await runLangChainAgent();
  await provider.shutdown();
}

async function runLangChainAgent(): Promise<void> {
  const weather = langChainTool(
    ({ city }: { city: string }) => JSON.stringify({ city, degrees: 21 }),
    {
      name: 'get_weather',
      description: 'Weather of a city',
      schema: z.object({ city: z.string() }),
    },
  );
  const call = { name: 'get_weather', args: { city: 'Paris' }, id: 'call-1' };
  const model = fakeModel()
    .respondWithTools([call])
    .respond(new AIMessage('It is 21 degrees in Paris.'));
  const agent = RunnableLambda.from(async (question: string) => {
    const asked = [new HumanMessage(question)];
    const first = await model.invoke(asked);
    const result = await weather.invoke({ ...call, type: 'tool_call' });
    const answer = await model.invoke([...asked, first, result]);
    return answer.text;
  }).withConfig({ runName: 'weather-agent' });
  await agent.invoke('What is the weather in Paris?', {
    metadata: { session_id: 's-17', user_id: 'u-42' },
  });
}
