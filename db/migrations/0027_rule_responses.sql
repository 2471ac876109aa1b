CREATE TABLE "rule_responses" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"rule_version" integer NOT NULL,
	"rule_title" text NOT NULL,
	"action" text NOT NULL,
	"agent_id" uuid,
	"agent_label" text,
	"state" text NOT NULL,
	"says" text NOT NULL,
	"ordered_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"taken_at" timestamptz,
	"stop_id" uuid,
	"containment_id" uuid,
	"is_own" boolean DEFAULT false NOT NULL,
	"undone_at" timestamptz,
	"undone_by" text,
	CONSTRAINT "rule_responses_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "rule_responses" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE UNIQUE INDEX "rule_responses_alert" ON "rule_responses" USING btree ("tenant_id","alert_id");--> statement-breakpoint
CREATE INDEX "rule_responses_taken" ON "rule_responses" USING btree ("tenant_id","taken_at");--> statement-breakpoint
CREATE INDEX "rule_responses_due" ON "rule_responses" USING btree ("ordered_at") WHERE state in ('due', 'running');--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rule_responses" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "rule_responses" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- What is due is found over all tenants; each is then taken in its own.
CREATE POLICY worker_reads ON "rule_responses" FOR SELECT TO signalbox_worker USING (true);
