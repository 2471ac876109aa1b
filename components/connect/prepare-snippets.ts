/** Ways to connect an agent, the most common first. None of them needs a package of ours. */
export const connectWays = ['otlp', 'vercel', 'langchain', 'http', 'trpc', 'ask'] as const;
export type ConnectWay = (typeof connectWays)[number];

export const wayWords: Readonly<Record<ConnectWay, string>> = {
  otlp: 'OpenTelemetry',
  vercel: 'Vercel AI SDK',
  langchain: 'LangChain',
  http: 'HTTP',
  trpc: 'tRPC',
  ask: 'Ask before acting',
};

export const wayHints: Readonly<Record<ConnectWay, string>> = {
  otlp: 'Any stock OTLP exporter, in any language: three variables are enough.',
  vercel: 'The AI SDK tells every model and tool call by itself.',
  langchain: 'OpenInference tells every chain, model and tool call.',
  http: 'One POST of JSON: for agents that have no tracing.',
  trpc: 'The same as HTTP, for callers that already speak tRPC.',
  ask: 'The agent asks for a permit before a call: allowed at once, or held until people decide.',
};

/** A piece to paste: shell lines, or a file. */
export interface Snippet {
  readonly caption: string;
  readonly code: string;
}

/** What a snippet is made for. Everything in it is ours: a slug, a key, a public address. */
export interface SnippetFor {
  /** Public address without a slash at its end. */
  readonly url: string;
  readonly key: string;
  readonly agent: string;
}

/** The pieces of one way, in the order in which they are pasted. */
export function snippetsOf(way: ConnectWay, of: SnippetFor): readonly Snippet[] {
  return builders[way](of);
}

/** Variables that every stock OTLP exporter reads. The standard has header values percent-encoded. */
function exporterVariables({ url, key, agent }: SnippetFor): Snippet {
  return {
    caption: 'Shell',
    code: `export OTEL_EXPORTER_OTLP_ENDPOINT='${url}/api/otlp'
export OTEL_EXPORTER_OTLP_HEADERS='Authorization=Bearer%20${key}'
export OTEL_SERVICE_NAME='${agent}'`,
  };
}

const tracing = `import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-proto';
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace';

const provider = new TracerProvider({
  spanProcessors: [new BatchSpanProcessor({ exporter: new OTLPTraceExporter() })],
});`;

const builders: Readonly<Record<ConnectWay, (of: SnippetFor) => readonly Snippet[]>> = {
  otlp: (of) => [
    exporterVariables(of),
    {
      caption:
        'JavaScript: npm install @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-proto',
      code: `${tracing}

const span = provider.getTracer('agent').startSpan('execute_tool read_file', {
  attributes: {
    'gen_ai.operation.name': 'execute_tool',
    'gen_ai.tool.name': 'read_file',
    'gen_ai.agent.name': '${of.agent}',
  },
});
span.end();
await provider.shutdown();`,
    },
  ],
  vercel: (of) => [
    exporterVariables(of),
    {
      caption:
        'JavaScript: npm install ai @ai-sdk/otel @ai-sdk/openai @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-proto',
      code: `import { OpenTelemetry } from '@ai-sdk/otel';
import { generateText } from 'ai';
import { openai } from '@ai-sdk/openai';
${tracing}

await generateText({
  model: openai('gpt-5'),
  prompt: 'What is the weather in Paris?',
  telemetry: {
    functionId: '${of.agent}',
    integrations: [new OpenTelemetry({ tracer: provider.getTracer('ai') })],
  },
});
await provider.shutdown();`,
    },
  ],
  langchain: (of) => [
    exporterVariables(of),
    {
      caption:
        'JavaScript: npm install @langchain/core @langchain/openai @arizeai/openinference-instrumentation-langchain @opentelemetry/sdk-trace @opentelemetry/exporter-trace-otlp-proto',
      code: `import { LangChainInstrumentation } from '@arizeai/openinference-instrumentation-langchain';
import * as callbackManager from '@langchain/core/callbacks/manager';
import { ChatOpenAI } from '@langchain/openai';
${tracing}
new LangChainInstrumentation({ tracerProvider: provider }).manuallyInstrument(callbackManager);

const model = new ChatOpenAI({ model: 'gpt-5' });
await model.invoke('What is the weather in Paris?', { runName: '${of.agent}' });
await provider.shutdown();`,
    },
  ],
  http: (of) => [
    {
      caption: 'JavaScript, no packages',
      code: `const answer = await fetch('${of.url}/api/v1/events', {
  method: 'POST',
  headers: {
    authorization: 'Bearer ${of.key}',
    'content-type': 'application/json',
  },
  body: JSON.stringify({
    events: [
      {
        id: crypto.randomUUID(),
        traceId: crypto.randomUUID().replaceAll('-', ''),
        agent: '${of.agent}',
        kind: 'tool_call',
        name: 'read_file',
        startedAt: new Date().toISOString(),
        status: 'ok',
        input: { path: 'notes.txt' },
        output: 'three lines',
      },
    ],
  }),
});
console.log(answer.status, await answer.json());`,
    },
  ],
  trpc: (of) => [
    {
      caption: 'JavaScript: npm install @trpc/client superjson',
      code: `import { createTRPCClient, httpLink } from '@trpc/client';
import superjson from 'superjson';

const signalbox = createTRPCClient({
  links: [
    httpLink({
      url: '${of.url}/api/trpc',
      headers: { authorization: 'Bearer ${of.key}' },
      transformer: superjson,
    }),
  ],
});

const answer = await signalbox.telemetry.ingest.mutate({
  events: [
    {
      id: crypto.randomUUID(),
      traceId: crypto.randomUUID().replaceAll('-', ''),
      agent: '${of.agent}',
      kind: 'tool_call',
      name: 'read_file',
      startedAt: new Date().toISOString(),
      status: 'ok',
      input: { path: 'notes.txt' },
      output: 'three lines',
    },
  ],
});
console.log(answer);`,
    },
  ],
  ask: (of) => [
    {
      caption: 'JavaScript, no packages; asks',
      code: `const post = (path, body, idempotencyKey = crypto.randomUUID()) =>
  fetch('${of.url}/api/v1/' + path, {
    method: body === null ? 'GET' : 'POST',
    headers: {
      authorization: 'Bearer ${of.key}',
      'content-type': 'application/json',
      'idempotency-key': idempotencyKey,
    },
    body: body && JSON.stringify(body),
  });

const traceId = crypto.randomUUID().replaceAll('-', '');
const args = { path: 'notes.txt' };

// Ask. Repeat with the same Idempotency-Key when no answer comes.
const asked = { tool: 'read_file', args, traceId, reason: 'The user asked for the notes.' };
let action = await (await post('actions', asked)).json();

// Held: wait until people have decided.
while (action.next === 'wait') {
  action = await (await post('actions/' + action.id + '?wait=25', null)).json();
}
if (action.next !== 'run') throw new Error(action.detail ?? action.denyReason ?? action.state);

// Redeem right before the call: the permit is for exactly these arguments, once.
const redeemed = await post('permits/redeem', { permit: action.permit, args });
if (!redeemed.ok) throw new Error((await redeemed.json()).detail);
const startedAt = new Date().toISOString();
const output = 'three lines';

// Say how it ended, and tell the call with the action that it is the call of.
await post('actions/' + action.id + '/outcome', {
  status: 'succeeded',
  executedArgs: args,
});
const event = { id: crypto.randomUUID(), traceId, agent: '${of.agent}', actionId: action.id };
const call = { kind: 'tool_call', name: 'read_file', startedAt, status: 'ok', input: args, output };
console.log((await post('events', { events: [{ ...event, ...call }] })).status);`,
    },
  ],
};
