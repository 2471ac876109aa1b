-- Whom a stop file stops: the ids alone, because the application sees no tenant but its own.
CREATE FUNCTION all_tenant_ids() RETURNS SETOF uuid
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT id FROM tenants ORDER BY id
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION all_tenant_ids() FROM PUBLIC;
--> statement-breakpoint
-- Drains that a dead process left are found over all tenants.
CREATE POLICY worker_reads ON "stops" FOR SELECT TO signalbox_worker USING (true);
