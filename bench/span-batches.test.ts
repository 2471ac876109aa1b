import { describe, expect, it } from 'vitest';
import { decodeTraces } from '#server/ingest/decode-otlp.ts';
import { normaliseBatch } from '#server/ingest/normalise/normalise-batch.ts';
import { normaliseSpan } from '#server/ingest/normalise/normalise-span.ts';
import { firstTraceOf, makeSpanBatch } from './span-batches.ts';

function draftsOf(index: number, encoding: 'json' | 'protobuf', spansPerTrace?: number) {
  const body = makeSpanBatch('run', index, 50, encoding, spansPerTrace);
  const { accepted, rejected } = normaliseBatch(decodeTraces(body, encoding), normaliseSpan);
  expect(rejected).toEqual([]);
  return accepted.map((item) => item.draft);
}

describe('makeSpanBatch', () => {
  it('makes tool calls of about 1.5 kB, a fifth of them with personal data', () => {
    const drafts = draftsOf(0, 'protobuf');
    expect(drafts.every((draft) => draft.kind === 'tool_call')).toBe(true);
    const texts = drafts.map((draft) => JSON.stringify(draft.body));
    const bytes = texts.reduce((sum, text) => sum + text.length, 0) / texts.length;
    expect(bytes).toBeGreaterThan(1300);
    expect(bytes).toBeLessThan(1800);
    expect(texts.filter((text) => text.includes('@example.org'))).toHaveLength(10);
  });

  it('makes the same of both encodings, and ids that come only once', () => {
    const ids = (encoding: 'json' | 'protobuf') => draftsOf(0, encoding).map((draft) => draft.id);
    expect(ids('json')).toEqual(ids('protobuf'));
    const all = [...ids('json'), ...draftsOf(1, 'json').map((draft) => draft.id)];
    expect(new Set(all).size).toBe(100);
  });

  it('puts as many spans into a trace as it is told', () => {
    const traces = new Set(draftsOf(0, 'json', 5).map((draft) => draft.traceId));
    expect(traces.size).toBe(10);
    const [only, ...more] = new Set(draftsOf(0, 'json', 10_000).map((draft) => draft.traceId));
    expect([only, more]).toEqual([firstTraceOf('run'), []]);
  });
});
