-- Search in two steps whose cost does not hang on the planner's knowledge of the words, which it has
-- not got before a day's partition is first analysed. First the newest `newest_max` events by their
-- order, where common words are found at once; then what is older by the words' index, only if the
-- first step has not found enough, and then the words are not common.
DROP FUNCTION search_events(tsquery, date, integer);
--> statement-breakpoint
CREATE FUNCTION search_events(
  query tsquery, received_from date, hits_max integer, newest_max integer)
RETURNS TABLE (trace_id uuid, received_on date, seq bigint)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
  edge_on date;
  edge_seq bigint;
  hits integer;
BEGIN
  IF tenant IS NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('enable_sort', 'off', true), set_config('enable_bitmapscan', 'off', true),
    set_config('enable_seqscan', 'off', true);
  EXECUTE
    'SELECT s.received_on, s.seq FROM event_search s
     WHERE s.tenant_id = $1 AND s.received_on >= $2
     ORDER BY s.received_on DESC, s.seq DESC OFFSET $3 LIMIT 1'
    INTO edge_on, edge_seq USING tenant, received_from, newest_max;
  RETURN QUERY EXECUTE
    'SELECT s.trace_id, s.received_on, s.seq FROM event_search s
     WHERE s.tenant_id = $1 AND s.words @@ $2 AND s.received_on >= $3
       AND (s.received_on, s.seq) > ($4, $5)
     ORDER BY s.received_on DESC, s.seq DESC LIMIT $6'
    USING tenant, query, received_from, coalesce(edge_on, '-infinity'), coalesce(edge_seq, 0),
      hits_max;
  GET DIAGNOSTICS hits = ROW_COUNT;
  PERFORM set_config('enable_sort', 'on', true), set_config('enable_bitmapscan', 'on', true),
    set_config('enable_seqscan', 'on', true);
  IF edge_on IS NULL OR hits >= hits_max THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE
    'SELECT s.trace_id, s.received_on, s.seq FROM event_search s
     WHERE s.tenant_id = $1 AND s.words @@ $2 AND s.received_on >= $3
       AND (s.received_on, s.seq) <= ($4, $5)
     ORDER BY s.received_on DESC, s.seq DESC LIMIT $6'
    USING tenant, query, received_from, edge_on, edge_seq, hits_max - hits;
END $$;
