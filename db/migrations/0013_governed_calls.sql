CREATE TABLE "governed_calls" (
	"tenant_id" uuid NOT NULL,
	"event_id" text NOT NULL,
	"agent_id" uuid NOT NULL,
	"agent_slug" text NOT NULL,
	"tool" text NOT NULL,
	"trace_id" uuid NOT NULL,
	"span_id" text,
	"parent_span_id" text,
	"session_id" text,
	"call_id" text,
	"is_verified" boolean NOT NULL,
	"claimed_action" text,
	"started_at" timestamptz NOT NULL,
	"ended_at" timestamptz NOT NULL,
	"is_open" boolean NOT NULL,
	"permit" text,
	"action_id" uuid,
	CONSTRAINT "governed_calls_tenant_id_event_id_pk" PRIMARY KEY("tenant_id","event_id")
);
--> statement-breakpoint
ALTER TABLE "governed_calls" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE UNIQUE INDEX "governed_calls_action" ON "governed_calls" USING btree ("tenant_id","action_id") WHERE action_id is not null;--> statement-breakpoint
CREATE INDEX "governed_calls_agent" ON "governed_calls" USING btree ("tenant_id","agent_id","tool","started_at");--> statement-breakpoint
CREATE INDEX "governed_calls_trace" ON "governed_calls" USING btree ("tenant_id","trace_id");--> statement-breakpoint
CREATE INDEX "governed_calls_open" ON "governed_calls" USING btree ("tenant_id","ended_at") WHERE is_open;--> statement-breakpoint
CREATE INDEX "actions_asked" ON "actions" USING btree ("tenant_id","agent_id","tool");--> statement-breakpoint
CREATE INDEX "audit_log_halted" ON "audit_log" USING btree ("tenant_id","xid","seq") WHERE cause = 'halted';--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "governed_calls" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);