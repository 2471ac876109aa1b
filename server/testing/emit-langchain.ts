import { LangChainInstrumentation as OpenInferenceLangChain } from '@arizeai/openinference-instrumentation-langchain';
import { LangChainInstrumentation as OpenLlmetryLangChain } from '@traceloop/instrumentation-langchain';
import * as callbackManagerModule from '@langchain/core/callbacks/manager';
import { BaseChatModel } from '@langchain/core/language_models/chat_models';
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import type { ChatResult } from '@langchain/core/outputs';
import { RunnableLambda } from '@langchain/core/runnables';
import type { RunnableConfig } from '@langchain/core/runnables';
import { tool as langChainTool } from '@langchain/core/tools';
import { z } from 'zod';
import { startTracing } from '#server/testing/start-tracing.ts';
import type { ExporterEncoding } from '#server/testing/start-tracing.ts';

/** A chat model that answers from a queue and tells its name and tokens, as real ones do. */
class QueuedChatModel extends BaseChatModel {
  readonly #answers: AIMessage[];
  constructor(answers: AIMessage[]) {
    super({});
    this.#answers = answers;
  }
  _llmType(): string {
    return 'queued';
  }
  override invocationParams(): Record<string, string> {
    return { model: 'fake-1', model_name: 'fake-1' };
  }
  _generate(): Promise<ChatResult> {
    const message = this.#answers.shift();
    if (message === undefined) throw new Error('No answer is left in the queue.');
    message.usage_metadata = { input_tokens: 12, output_tokens: 5, total_tokens: 17 };
    return Promise.resolve({
      generations: [{ text: message.text, message }],
      llmOutput: {
        model_name: 'fake-1',
        tokenUsage: { promptTokens: 12, completionTokens: 5, totalTokens: 17 },
      },
    });
  }
}

/** LangChain under OpenInference's or OpenLLMetry's instrumentation: a chain, two model calls, a tool. */
export async function emitLangChain(
  encoding: ExporterEncoding,
  instrumentation: 'openinference' | 'openllmetry',
): Promise<void> {
  const provider = startTracing(encoding);
  if (instrumentation === 'openinference') {
    const langChain = new OpenInferenceLangChain({ tracerProvider: provider });
    langChain.manuallyInstrument(callbackManagerModule);
    await runLangChainAgent();
  } else {
    const langChain = new OpenLlmetryLangChain();
    langChain.setTracerProvider(provider);
    langChain.manuallyInstrument({ callbackManagerModule });
    // It makes no parents of its own: Traceloop's SDK has the caller wrap the run like this.
    const tracer = provider.getTracer('@traceloop/node-server-sdk');
    await tracer.startActiveSpan('weather-agent.agent', async (span) => {
      span.setAttributes({
        'traceloop.span.kind': 'agent',
        'traceloop.entity.name': 'weather-agent',
        'traceloop.association.properties.session_id': 's-17',
        'traceloop.association.properties.user_id': 'u-42',
      });
      await runLangChainAgent();
      span.end();
    });
  }
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
  const model = new QueuedChatModel([
    new AIMessage({ content: '', tool_calls: [call] }),
    new AIMessage('It is 21 degrees in Paris.'),
  ]);
  const agent = RunnableLambda.from(async (question: string, config: RunnableConfig) => {
    const asked = [new HumanMessage(question)];
    const first = await model.invoke(asked, config);
    const result = await weather.invoke({ ...call, type: 'tool_call' }, config);
    const answer = await model.invoke([...asked, first, result], config);
    return answer.text;
  }).withConfig({ runName: 'weather-agent' });
  await agent.invoke('What is the weather in Paris?', {
    metadata: { session_id: 's-17', user_id: 'u-42' },
  });
}
