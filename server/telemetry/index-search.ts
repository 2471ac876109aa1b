import { sql } from 'drizzle-orm';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { plainArray, textArray } from './array-literal.ts';
import { readTexts, type TextOfEvent } from './read-texts.ts';
import { tenantWord, wordsOfEvent } from './search-words.ts';
import type { TailConsumer } from './tail-consumer.ts';

/**
 * Keeps the words of every event for search, from its redacted text. Words are cut here rather than
 * by `to_tsvector`: the same function then reads the question, hidden characters cannot split a
 * word, and no input makes Postgres refuse the batch.
 */
export const indexer: TailConsumer<TextOfEvent> = {
  name: 'indexer',
  permission: 'telemetry.derive',
  itemsMax: limits.indexEventsMax,
  read: readTexts,
  derive: async (ctx, events) => {
    const tenant = uuidOf(ctx.tenantId);
    const own = tenantWord(tenant);
    const days = textArray(events.map((event) => event.receivedOn));
    const seqs = plainArray(events.map((event) => event.at.seq));
    const traces = textArray(events.map((event) => event.traceId));
    const words = textArray(events.map((event) => [own, ...wordsOfEvent(event)].join(' ')));
    return async (tx) => {
      await tx.execute(sql`
        insert into event_search (tenant_id, received_on, seq, trace_id, words)
        select ${tenant}::uuid, received_on, seq, trace_id,
          array_to_tsvector(string_to_array(words, ' '))
        from unnest(${days}::date[], ${seqs}::int8[], ${traces}::uuid[], ${words}::text[])
          as w(received_on, seq, trace_id, words)`);
    };
  },
};
