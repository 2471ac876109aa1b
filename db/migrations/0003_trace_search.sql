DROP INDEX "traces_agents";--> statement-breakpoint
DROP INDEX "traces_tools";--> statement-breakpoint
ALTER TABLE "traces" ADD COLUMN "title_at" timestamptz;--> statement-breakpoint

-- Search runs as the owner, who may read the words of every tenant; the function names the tenant.
CREATE POLICY search_reads ON "event_search" FOR SELECT TO signalbox_owner USING (true);
--> statement-breakpoint

-- The newest events of the caller's tenant whose words match, at most `hits_max` of those received on
-- or after a day. Under row-level security an index serves leakproof operators only, and `@@` is not
-- one: the same query by the application itself reads the whole table. Every row carries its tenant
-- as one more word, so that other tenants' rows cost nothing. Planned anew at each call, because the
-- right plan depends on how common the words are.
CREATE FUNCTION search_events(query tsquery, received_from date, hits_max integer)
RETURNS TABLE (trace_id uuid, received_on date, seq bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  tenant uuid := nullif(current_setting('app.tenant', true), '')::uuid;
BEGIN
  IF tenant IS NULL THEN
    RETURN;
  END IF;
  RETURN QUERY EXECUTE
    'SELECT s.trace_id, s.received_on, s.seq FROM event_search s
     WHERE s.tenant_id = $1 AND s.words @@ $2 AND s.received_on >= $3
     ORDER BY s.received_on DESC, s.seq DESC LIMIT $4'
    USING tenant, query, received_from, hits_max;
END $$;
