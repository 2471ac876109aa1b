import { createHash } from 'node:crypto';
import { tracesJson, tracesProtobuf, type TestSpan } from '#server/testing/otlp-request.ts';

/** Ordinary prose of agents at work; every fifth span carries personal data. */
const sentences = [
  'The customer asked why the invoice of last month shows two shipping fees instead of one.',
  'Looked up the order history and found that the second parcel was sent from another warehouse.',
  'According to the policy a second fee is charged only when the customer chose express delivery.',
  'The test suite passes locally, but the pipeline fails on the step that builds the container.',
  'Summarised the meeting notes: the release moves by one week and the migration runs on Sunday.',
  'The function returns early when the list is empty, which hides the error that the caller needs.',
];

/** Words of a span's text, different for every span and the same in every run. */
function proseOf(seed: number, chars: number): string {
  let text = '';
  for (let at = seed; text.length < chars; at++) {
    text += `${sentences[at % sentences.length]} (case ${(at * 7919) % 99_991}) `;
  }
  return text.slice(0, chars);
}

function traceOf(run: string, number: number): string {
  return createHash('sha256').update(`${run}/${number}`).digest('hex').slice(0, 32);
}

/** Trace of the first span of a run. */
export const firstTraceOf = (run: string): string => traceOf(run, 0);

function spanOf(run: string, seed: number, spansPerTrace: number): TestSpan {
  const spanId = createHash('sha256').update(`${run}:${seed}`).digest('hex').slice(0, 16);
  const isPersonal = seed % 5 === 0;
  const person = isPersonal
    ? ` Reach Dana Example at dana.${seed}@example.org or +44 20 7946 0${String(seed % 1000).padStart(3, '0')}.`
    : '';
  const start = 1_790_000_000_000 + seed * 3;
  return {
    traceId: traceOf(run, Math.floor(seed / spansPerTrace)),
    spanId,
    name: 'execute_tool lookup_order',
    kind: 1,
    startTimeUnixNano: `${start}000000`,
    endTimeUnixNano: `${start + 120}000000`,
    attributes: {
      'gen_ai.operation.name': 'execute_tool',
      'gen_ai.tool.name': 'lookup_order',
      'gen_ai.tool.call.id': `call-${seed}`,
      'gen_ai.agent.name': `support-agent-${seed % 8}`,
      'gen_ai.conversation.id': `conversation-${Math.floor(seed / 50)}`,
      'gen_ai.tool.call.arguments': JSON.stringify({
        order: `A-${seed}`,
        note: proseOf(seed, 350),
      }),
      'gen_ai.tool.call.result': proseOf(seed + 3, 800) + person,
    },
    status: { code: 1, message: '' },
  };
}

/**
 * One OTLP export request of `spans` spans of about 1.5 kB each, a fifth of them with an e-mail
 * address and a phone number. `run` and `index` make every id unique.
 */
export function makeSpanBatch(
  run: string,
  index: number,
  spans: number,
  encoding: 'json' | 'protobuf',
  spansPerTrace = 10,
): Uint8Array {
  const request = {
    resource: { 'service.name': 'support' },
    items: Array.from({ length: spans }, (_, at) => spanOf(run, index * spans + at, spansPerTrace)),
  };
  return encoding === 'json' ? tracesJson(request) : tracesProtobuf(request);
}
