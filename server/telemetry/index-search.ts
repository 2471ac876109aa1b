import { sql } from 'drizzle-orm';
import { uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { plainArray, textArray } from './array-literal.ts';
import { addWordsOf, tenantWord } from './search-words.ts';
import type { TailConsumer } from './tail-consumer.ts';
import type { TailEvent } from './tail-event.ts';

/** Words that occur together in a trace: of the events that one batch brought of it. */
interface SearchRow {
  readonly receivedOn: string;
  readonly traceId: string;
  readonly words: Set<string>;
  /** Of the newest event. */
  seq: number;
}

/**
 * Keeps the words of the log for search, from its redacted text. Words are cut here rather than by
 * `to_tsvector`: the same function then reads the question, hidden characters cannot split a word,
 * and no input makes Postgres refuse the batch. Search finds traces, so what a batch holds of one
 * trace is one row: a row an event cost three times as much, in words that its neighbours have too.
 */
export const indexer: TailConsumer<TailEvent> = {
  name: 'indexer',
  permission: 'telemetry.derive',
  itemsMax: limits.indexEventsMax,
  // The longer it rests, the more of a trace comes in one row; nobody searches for the last second.
  restMs: limits.indexRestMs,
  derive: async (ctx, events) => {
    const tenant = uuidOf(ctx.tenantId);
    const rows = gatherRows(events, tenantWord(tenant));
    const days = textArray(rows.map((row) => row.receivedOn));
    const seqs = plainArray(rows.map((row) => row.seq));
    const traces = textArray(rows.map((row) => row.traceId));
    const words = textArray(rows.map((row) => [...row.words].join(' ')));
    return async (tx) => {
      // Words gather in a list, which the batch that fills it sorts into the index: at 4 MB that takes
      // some hundred milliseconds, in which every reader of the log stands still.
      await tx.execute(sql`select set_config('gin_pending_list_limit', '1MB', true)`);
      await tx.execute(sql`
        insert into event_search (tenant_id, received_on, seq, trace_id, words)
        select ${tenant}::uuid, received_on, seq, trace_id,
          array_to_tsvector(string_to_array(words, ' '))
        from unnest(${days}::date[], ${seqs}::int8[], ${traces}::uuid[], ${words}::text[])
          as w(received_on, seq, trace_id, words)`);
    };
  },
};

/** One row a trace and day; a trace that outgrows `limits.searchRowWordsMax` gets several. */
function gatherRows(events: readonly TailEvent[], own: string): SearchRow[] {
  const rows: SearchRow[] = [];
  const open = new Map<string, SearchRow>();
  for (const event of events) {
    const { receivedOn, traceId } = event;
    const key = `${receivedOn} ${traceId}`;
    let row = open.get(key);
    if (row === undefined || row.words.size >= limits.searchRowWordsMax) {
      row = { receivedOn, traceId, words: new Set([own]), seq: event.at.seq };
      open.set(key, row);
      rows.push(row);
    }
    addWordsOf(event, row.words);
    row.seq = event.at.seq;
  }
  return rows;
}
