-- A table that grows by thousands of rows a second is analysed every few seconds. The default sample of
-- 30,000 rows took a seventh of all the processor time of Postgres under ingest; questions about these
-- tables go by their keys, and a sample of a tenth plans them alike.
CREATE FUNCTION sample_rows(of_table regclass, target integer) RETURNS void
LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  column_name name;
BEGIN
  FOR column_name IN
    SELECT attname FROM pg_attribute WHERE attrelid = of_table AND attnum > 0 AND NOT attisdropped
  LOOP
    EXECUTE format('ALTER TABLE ONLY %s ALTER COLUMN %I SET STATISTICS %s', of_table, column_name, target);
  END LOOP;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION sample_rows(regclass, integer) FROM PUBLIC;
--> statement-breakpoint
-- As before; a new partition does not inherit how its columns are sampled.
CREATE OR REPLACE FUNCTION ensure_event_partitions(days_ahead integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  first_day date := (now() AT TIME ZONE 'utc')::date - 1;
  day date;
  parent text;
  partition_name text;
  made integer := 0;
BEGIN
  IF days_ahead < 0 OR days_ahead > 60 THEN
    RAISE EXCEPTION 'days_ahead must be between 0 and 60';
  END IF;
  -- One maker at a time; a second one finds the partitions there.
  PERFORM pg_advisory_xact_lock(hashtext('ensure_event_partitions'));
  FOR day IN SELECT generate_series(first_day, first_day + days_ahead + 1, interval '1 day')::date LOOP
    FOREACH parent IN ARRAY ARRAY['events', 'event_bodies', 'event_search'] LOOP
      partition_name := parent || '_' || to_char(day, 'YYYYMMDD');
      IF to_regclass(format('public.%I', partition_name)) IS NULL THEN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L)',
          partition_name, parent, day, day + 1);
        PERFORM sample_rows(format('public.%I', partition_name)::regclass, 10);
        made := made + 1;
      END IF;
    END LOOP;
  END LOOP;
  RETURN made;
END $$;
--> statement-breakpoint
SELECT sample_rows(inhrelid::regclass, 10) FROM pg_inherits
WHERE inhparent IN ('events'::regclass, 'event_bodies'::regclass, 'event_search'::regclass, 'event_ids'::regclass);
--> statement-breakpoint
SELECT sample_rows('traces'::regclass, 10), sample_rows('detector_state'::regclass, 10);
