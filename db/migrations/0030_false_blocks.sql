CREATE TABLE "false_blocks" (
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"reason" text NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "false_blocks_tenant_id_action_id_pk" PRIMARY KEY("tenant_id","action_id")
);
--> statement-breakpoint
ALTER TABLE "false_blocks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "false_blocks" ADD CONSTRAINT "false_blocks_tenant_id_action_id_actions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_log_false_blocks" ON "audit_log" USING btree ("tenant_id","xid","seq") WHERE action = 'action.false_block_reported';--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "false_blocks" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
ALTER TABLE "false_blocks" FORCE ROW LEVEL SECURITY;
