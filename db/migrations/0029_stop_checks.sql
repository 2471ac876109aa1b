CREATE TABLE "stop_checks" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"stop_id" uuid NOT NULL,
	"point" text NOT NULL,
	"is_done" boolean NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_label" text NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "stop_checks_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "stop_checks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "stop_checks" ADD CONSTRAINT "stop_checks_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stop_checks_stop" ON "stop_checks" USING btree ("tenant_id","stop_id","point","at" DESC NULLS LAST);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "stop_checks" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "stop_checks" FORCE ROW LEVEL SECURITY;
