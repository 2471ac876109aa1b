CREATE TABLE "containment_credentials" (
	"tenant_id" uuid NOT NULL,
	"containment_id" uuid NOT NULL,
	"credential_id" uuid NOT NULL,
	CONSTRAINT "containment_credentials_tenant_id_containment_id_credential_id_pk" PRIMARY KEY("tenant_id","containment_id","credential_id")
);
--> statement-breakpoint
ALTER TABLE "containment_credentials" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "containments" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"agent_id" uuid,
	"agent_label" text,
	"stop_id" uuid,
	"is_stop_own" boolean DEFAULT false NOT NULL,
	"level" smallint NOT NULL,
	"reason" text NOT NULL,
	"is_cut_first" boolean DEFAULT false NOT NULL,
	"requested_by_type" text NOT NULL,
	"requested_by" text NOT NULL,
	"requested_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"alert_id" uuid,
	"confirmed_by" text,
	"confirmed_at" timestamptz,
	"locked_at" timestamptz,
	"is_lock_own" boolean DEFAULT false NOT NULL,
	"evidence_at" timestamptz,
	"evidence" jsonb,
	"evidence_digest" text,
	"cut_at" timestamptz,
	"carried_out_at" timestamptz,
	"released_at" timestamptz,
	"released_by" text,
	CONSTRAINT "containments_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "containments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "containment_credentials" ADD CONSTRAINT "containment_credentials_tenant_id_containment_id_containments_tenant_id_id_fk" FOREIGN KEY ("tenant_id","containment_id") REFERENCES "public"."containments"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "containment_credentials" ADD CONSTRAINT "containment_credentials_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "containments" ADD CONSTRAINT "containments_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "containments_open" ON "containments" USING btree ("tenant_id","agent_id") WHERE released_at is null and agent_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "containments_of_stop" ON "containments" USING btree ("tenant_id","stop_id") WHERE agent_id is null;--> statement-breakpoint
CREATE INDEX "containments_stop" ON "containments" USING btree ("tenant_id","stop_id");--> statement-breakpoint
CREATE INDEX "containments_agent" ON "containments" USING btree ("tenant_id","agent_id","requested_at");--> statement-breakpoint
CREATE INDEX "containments_due" ON "containments" USING btree ("requested_at") WHERE carried_out_at is null;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "containment_credentials" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "containments" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "containments" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "containment_credentials" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- What was left unfinished is found over all tenants; each step is then taken in its own.
CREATE POLICY worker_reads ON "containments" FOR SELECT TO signalbox_worker USING (true);
