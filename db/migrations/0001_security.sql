-- Row-level security binds the owner too: a tenant table has no reader without a tenant.
ALTER TABLE "agent_instances" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "agents" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "tools" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "audit_log" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "alert_changes" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "alert_evidence" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "alerts" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "detector_state" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "rules" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "canaries" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "event_bodies" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "event_context" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "event_counts" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "event_ids" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "event_search" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "events" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "tail_cursors" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "traces" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "api_keys" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint

-- The worker reads the log of every tenant (tail), and nothing else without naming a tenant.
CREATE POLICY worker_reads ON "events" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint
CREATE POLICY worker_reads ON "event_bodies" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint
CREATE POLICY worker_reads ON "tail_cursors" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint
CREATE POLICY worker_reads ON "tenants" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint

-- Day partitions of the log, made ahead by whoever needs them. Runs as the owner; takes no names.
CREATE FUNCTION ensure_event_partitions(days_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first_day date := (now() AT TIME ZONE 'utc')::date - 1;
  day date;
  parent text;
  made integer := 0;
BEGIN
  IF days_ahead < 0 OR days_ahead > 60 THEN
    RAISE EXCEPTION 'days_ahead must be between 0 and 60';
  END IF;
  -- One maker at a time; a second one finds the partitions there.
  PERFORM pg_advisory_xact_lock(hashtext('ensure_event_partitions'));
  FOR day IN SELECT generate_series(first_day, first_day + days_ahead + 1, interval '1 day')::date LOOP
    FOREACH parent IN ARRAY ARRAY['events', 'event_bodies', 'event_search'] LOOP
      IF to_regclass(format('public.%I', parent || '_' || to_char(day, 'YYYYMMDD'))) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
          parent || '_' || to_char(day, 'YYYYMMDD'), parent, day, day + 1);
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION ensure_event_partitions(integer) FROM PUBLIC;
--> statement-breakpoint

-- How many migrations the database has: readiness compares it with what the build carries.
CREATE FUNCTION signalbox_migrations_applied() RETURNS integer
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT count(*)::integer FROM drizzle.__drizzle_migrations
$$;
--> statement-breakpoint

-- The global index of keys follows the tenant's table.
CREATE FUNCTION index_api_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO api_key_index (secret_hash, tenant_id, key_id)
  VALUES (NEW.secret_hash, NEW.tenant_id, NEW.id);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER index_api_key AFTER INSERT ON "api_keys" FOR EACH ROW EXECUTE FUNCTION index_api_key();
