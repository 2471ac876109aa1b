CREATE TABLE "alert_steps" (
	"tenant_id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"seq" bigint GENERATED ALWAYS AS IDENTITY (sequence name "alert_steps_seq_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"batch" uuid NOT NULL,
	"kind" text NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_label" text NOT NULL,
	"detail" jsonb NOT NULL,
	"before" jsonb NOT NULL,
	"at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "alert_steps_tenant_id_alert_id_seq_pk" PRIMARY KEY("tenant_id","alert_id","seq")
);
--> statement-breakpoint
ALTER TABLE "alert_steps" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "snoozed_until" timestamptz;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "escalates_at" integer;--> statement-breakpoint
ALTER TABLE "alerts" ADD COLUMN "assignee_id" uuid;--> statement-breakpoint
ALTER TABLE "alert_steps" ADD CONSTRAINT "alert_steps_tenant_id_alert_id_alerts_tenant_id_id_fk" FOREIGN KEY ("tenant_id","alert_id") REFERENCES "public"."alerts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "alert_steps_batch" ON "alert_steps" USING btree ("tenant_id","batch");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "alert_steps" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);