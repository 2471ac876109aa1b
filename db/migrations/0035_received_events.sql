CREATE TABLE "received_events" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"transmitter_id" uuid NOT NULL,
	"jti" text NOT NULL,
	"issued_at" timestamptz NOT NULL,
	"received_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"type" text NOT NULL,
	"subject" text NOT NULL,
	"reason" text,
	"outcome" text NOT NULL,
	"says" text NOT NULL,
	"target" text,
	"target_id" text,
	CONSTRAINT "received_events_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "received_events_once" UNIQUE("tenant_id","transmitter_id","jti")
);
--> statement-breakpoint
ALTER TABLE "received_events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "transmitters" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"issuer" text NOT NULL,
	"keys" jsonb,
	"keys_url" text,
	"created_by" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"removed_at" timestamptz,
	CONSTRAINT "transmitters_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "transmitters" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "transmitter_index" (
	"transmitter_id" uuid PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "transmitter_index" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "received_events" ADD CONSTRAINT "received_events_tenant_id_transmitter_id_transmitters_tenant_id_id_fk" FOREIGN KEY ("tenant_id","transmitter_id") REFERENCES "public"."transmitters"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "received_events_latest" ON "received_events" USING btree ("tenant_id","received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "received_events_of" ON "received_events" USING btree ("tenant_id","transmitter_id","received_at" DESC NULLS LAST);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "received_events" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "transmitters" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
ALTER TABLE "transmitters" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "received_events" FORCE ROW LEVEL SECURITY;--> statement-breakpoint

-- The global index of transmitters follows the tenant's table.
CREATE FUNCTION index_transmitter() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  INSERT INTO transmitter_index (transmitter_id, tenant_id) VALUES (NEW.id, NEW.tenant_id);
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER index_transmitter AFTER INSERT ON "transmitters"
  FOR EACH ROW EXECUTE FUNCTION index_transmitter();
--> statement-breakpoint

-- The transmitter of this id, or no row: also for one that was removed. The tenant's own table is read
-- under that tenant, and the caller's tenant is put back.
CREATE FUNCTION auth_find_transmitter(p_id uuid)
RETURNS TABLE (tenant_id uuid, name text, issuer text, keys jsonb, keys_url text)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  caller_tenant text := coalesce(current_setting('app.tenant', true), '');
  found_tenant uuid;
BEGIN
  SELECT i.tenant_id INTO found_tenant FROM transmitter_index i WHERE i.transmitter_id = p_id;
  IF found_tenant IS NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.tenant', found_tenant::text, true);
  RETURN QUERY SELECT t.tenant_id, t.name, t.issuer, t.keys, t.keys_url FROM transmitters t
    WHERE t.tenant_id = found_tenant AND t.id = p_id AND t.removed_at IS NULL;
  PERFORM set_config('app.tenant', caller_tenant, true);
END $$;
