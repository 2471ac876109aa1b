CREATE TABLE "stop_resumptions" (
	"tenant_id" uuid NOT NULL,
	"stop_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"watched_until" timestamptz NOT NULL,
	"ended_at" timestamptz,
	"end_reason" text,
	CONSTRAINT "stop_resumptions_tenant_id_stop_id_agent_id_at_pk" PRIMARY KEY("tenant_id","stop_id","agent_id","at")
);
--> statement-breakpoint
ALTER TABLE "stop_resumptions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "stop_resumptions" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "stop_lifts" ADD COLUMN "agent_id" uuid;--> statement-breakpoint
ALTER TABLE "stop_resumptions" ADD CONSTRAINT "stop_resumptions_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stop_resumptions" ADD CONSTRAINT "stop_resumptions_tenant_id_agent_id_agents_tenant_id_id_fk" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "public"."agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "stop_resumptions_agent" ON "stop_resumptions" USING btree ("tenant_id","agent_id","stop_id") WHERE ended_at is null;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "stop_resumptions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
-- The watch goes over all tenants.
CREATE POLICY worker_reads ON "stop_resumptions" FOR SELECT TO signalbox_worker USING (true);
