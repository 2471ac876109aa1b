CREATE TABLE "drill_plans" (
	"tenant_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"interval_days" integer NOT NULL,
	"set_by" text NOT NULL,
	"set_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "drill_plans_tenant_id_pk" PRIMARY KEY("tenant_id")
);
--> statement-breakpoint
ALTER TABLE "drill_plans" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "drills" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"trigger" text NOT NULL,
	"is_hands_on" boolean NOT NULL,
	"started_by" text NOT NULL,
	"started_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"signalled_at" timestamptz,
	"stop_id" uuid,
	"confirmed_at" timestamptz,
	"leases_ended" integer,
	"revoked_at" timestamptz,
	"ended_at" timestamptz,
	"ended" text,
	CONSTRAINT "drills_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "drills" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "agents" ADD COLUMN "is_drill" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "drill_plans" ADD CONSTRAINT "drill_plans_tenant_id_agent_id_agents_tenant_id_id_fk" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "public"."agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drills" ADD CONSTRAINT "drills_tenant_id_agent_id_agents_tenant_id_id_fk" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "public"."agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drills" ADD CONSTRAINT "drills_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "drills_running" ON "drills" USING btree ("tenant_id","agent_id") WHERE ended_at is null;--> statement-breakpoint
CREATE INDEX "drills_recent" ON "drills" USING btree ("tenant_id","started_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "drill_plans" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "drills" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "drills" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "drill_plans" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- What runs and what is due is found over all tenants; each step is then taken in its own.
CREATE POLICY worker_reads ON "drills" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint
CREATE POLICY worker_reads ON "drill_plans" FOR SELECT TO signalbox_worker USING (true);
