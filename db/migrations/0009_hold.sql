CREATE SEQUENCE "control_changes_seq" AS bigint;
--> statement-breakpoint
CREATE TABLE "actions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"agent_slug" text NOT NULL,
	"environment" text NOT NULL,
	"key_id" uuid NOT NULL,
	"idempotency_key" text NOT NULL,
	"request_digest" "bytea" NOT NULL,
	"tool" text NOT NULL,
	"schema_digest" text NOT NULL,
	"bound_fields" text[],
	"session_id" text,
	"trace_id" uuid,
	"span_id" text,
	"instance_id" text,
	"on_behalf_of" text,
	"reason" text,
	"derived_from" text[] DEFAULT '{}' NOT NULL,
	"plan_hash" text,
	"digest" text NOT NULL,
	"nonce" "bytea",
	"decision" text NOT NULL,
	"risk_score" integer NOT NULL,
	"risk_band" text NOT NULL,
	"risk_factors" jsonb NOT NULL,
	"risk_input" jsonb NOT NULL,
	"reasons" jsonb NOT NULL,
	"policy_version" text NOT NULL,
	"needs" integer NOT NULL,
	"is_fresh_sign_in_needed" boolean NOT NULL,
	"decided_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"cancelled_at" timestamptz,
	"superseded_by" uuid,
	CONSTRAINT "actions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "actions_idempotency" UNIQUE("tenant_id","agent_id","idempotency_key")
);
--> statement-breakpoint
ALTER TABLE "actions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "outcomes" (
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"status" text NOT NULL,
	"result" jsonb,
	"executed_args" jsonb,
	"executed_digest" text,
	"key_id" uuid NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "outcomes_tenant_id_action_id_pk" PRIMARY KEY("tenant_id","action_id")
);
--> statement-breakpoint
ALTER TABLE "outcomes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "approvals" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"band" text NOT NULL,
	"needs" integer NOT NULL,
	"is_fresh_sign_in_needed" boolean NOT NULL,
	"fingerprint" text NOT NULL,
	"requested_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"excluded" jsonb NOT NULL,
	"result" text DEFAULT 'pending' NOT NULL,
	"resolved_at" timestamptz,
	"resolved_by_label" text,
	"deny_reason" text,
	"use_by" timestamptz,
	CONSTRAINT "approvals_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "approvals_action" UNIQUE("tenant_id","action_id")
);
--> statement-breakpoint
ALTER TABLE "approvals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "questions" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"approval_id" uuid NOT NULL,
	"asked_by_user_id" uuid NOT NULL,
	"asked_by_label" text NOT NULL,
	"text" text NOT NULL,
	"asked_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"answer" text,
	"answered_at" timestamptz,
	CONSTRAINT "questions_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "questions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sealed_arguments" (
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"wrapped_key" "bytea" NOT NULL,
	"sealed" "bytea" NOT NULL,
	"secrets" jsonb NOT NULL,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "sealed_arguments_tenant_id_action_id_pk" PRIMARY KEY("tenant_id","action_id")
);
--> statement-breakpoint
ALTER TABLE "sealed_arguments" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "votes" (
	"tenant_id" uuid NOT NULL,
	"approval_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"email" text NOT NULL,
	"verdict" text NOT NULL,
	"reason" text NOT NULL,
	"digest" text NOT NULL,
	"is_fresh" boolean NOT NULL,
	"sign_in_id" uuid NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "votes_tenant_id_approval_id_user_id_pk" PRIMARY KEY("tenant_id","approval_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "votes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "instance_beats" (
	"tenant_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"instance_id" text NOT NULL,
	"capabilities" text[] DEFAULT '{}' NOT NULL,
	"in_flight" text[] DEFAULT '{}' NOT NULL,
	"sessions" text[] DEFAULT '{}' NOT NULL,
	"beat_at" timestamptz,
	"stream_seen_at" timestamptz,
	CONSTRAINT "instance_beats_tenant_id_agent_id_instance_id_pk" PRIMARY KEY("tenant_id","agent_id","instance_id")
);
--> statement-breakpoint
ALTER TABLE "instance_beats" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stop_receipts" (
	"tenant_id" uuid NOT NULL,
	"stop_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"instance_id" text NOT NULL,
	"state" text NOT NULL,
	"in_flight" integer,
	"delivered_at" timestamptz,
	"acknowledged_at" timestamptz,
	"updated_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "stop_receipts_tenant_id_stop_id_agent_id_instance_id_pk" PRIMARY KEY("tenant_id","stop_id","agent_id","instance_id")
);
--> statement-breakpoint
ALTER TABLE "stop_receipts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "control_changes" (
	"tenant_id" uuid NOT NULL,
	"incarnation" smallint NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"seq" bigint DEFAULT nextval('control_changes_seq') NOT NULL,
	"noun" text NOT NULL,
	"subject_id" text NOT NULL,
	"change" text NOT NULL,
	"agent_id" uuid,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "control_changes_tenant_id_incarnation_xid_seq_pk" PRIMARY KEY("tenant_id","incarnation","xid","seq")
);
--> statement-breakpoint
ALTER TABLE "control_changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stop_epochs" (
	"tenant_id" uuid NOT NULL,
	"epoch" bigint NOT NULL,
	CONSTRAINT "stop_epochs_tenant_id_pk" PRIMARY KEY("tenant_id")
);
--> statement-breakpoint
ALTER TABLE "stop_epochs" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stop_lifts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"stop_id" uuid NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_label" text NOT NULL,
	"reason" text NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "stop_lifts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "stop_lifts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "stops" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"scope_kind" text NOT NULL,
	"scope_id" text NOT NULL,
	"scope_label" text NOT NULL,
	"level" smallint NOT NULL,
	"reason" text NOT NULL,
	"state" text NOT NULL,
	"epoch" bigint NOT NULL,
	"placed_by_type" text NOT NULL,
	"placed_by_id" text NOT NULL,
	"placed_by_label" text NOT NULL,
	"placed_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"acknowledged_at" timestamptz,
	"lifted_at" timestamptz,
	CONSTRAINT "stops_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "stops" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "permits" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"tool" text NOT NULL,
	"digest" text NOT NULL,
	"policy_version" text NOT NULL,
	"epoch" bigint NOT NULL,
	"kid" text NOT NULL,
	"issued_at" timestamptz NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"redeemed_at" timestamptz,
	"redemption_id" uuid,
	"redeemed_by_key_id" uuid,
	"redeemed_by_kind" text,
	"redeem_idempotency_key" text,
	"redeem_digest" "bytea",
	"outcome_due_at" timestamptz,
	CONSTRAINT "permits_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "permits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "tools" ADD COLUMN "is_governed" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "outcomes" ADD CONSTRAINT "outcomes_tenant_id_action_id_actions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "approvals" ADD CONSTRAINT "approvals_tenant_id_action_id_actions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "questions" ADD CONSTRAINT "questions_tenant_id_approval_id_approvals_tenant_id_id_fk" FOREIGN KEY ("tenant_id","approval_id") REFERENCES "public"."approvals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sealed_arguments" ADD CONSTRAINT "sealed_arguments_tenant_id_action_id_actions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_tenant_id_approval_id_approvals_tenant_id_id_fk" FOREIGN KEY ("tenant_id","approval_id") REFERENCES "public"."approvals"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stop_receipts" ADD CONSTRAINT "stop_receipts_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stop_lifts" ADD CONSTRAINT "stop_lifts_tenant_id_stop_id_stops_tenant_id_id_fk" FOREIGN KEY ("tenant_id","stop_id") REFERENCES "public"."stops"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "permits" ADD CONSTRAINT "permits_tenant_id_action_id_actions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "actions_agent" ON "actions" USING btree ("tenant_id","agent_id","decided_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "actions_recent" ON "actions" USING btree ("tenant_id","decided_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "actions_trace" ON "actions" USING btree ("tenant_id","trace_id") WHERE trace_id is not null;--> statement-breakpoint
CREATE INDEX "approvals_pending" ON "approvals" USING btree ("tenant_id","expires_at","id") WHERE result = 'pending';--> statement-breakpoint
CREATE INDEX "approvals_recent" ON "approvals" USING btree ("tenant_id","requested_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "questions_approval" ON "questions" USING btree ("tenant_id","approval_id","asked_at");--> statement-breakpoint
CREATE INDEX "stop_receipts_agent" ON "stop_receipts" USING btree ("tenant_id","agent_id","updated_at");--> statement-breakpoint
CREATE INDEX "stop_lifts_stop" ON "stop_lifts" USING btree ("tenant_id","stop_id","at");--> statement-breakpoint
CREATE UNIQUE INDEX "stops_standing" ON "stops" USING btree ("tenant_id","scope_kind","scope_id") WHERE state <> 'lifted';--> statement-breakpoint
CREATE INDEX "stops_by_scope" ON "stops" USING btree ("tenant_id","scope_kind","scope_id","placed_at");--> statement-breakpoint
CREATE INDEX "stops_recent" ON "stops" USING btree ("tenant_id","placed_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "permits_action" ON "permits" USING btree ("tenant_id","action_id","issued_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "permits_owing" ON "permits" USING btree ("tenant_id","outcome_due_at") WHERE redeemed_at is not null;--> statement-breakpoint
CREATE INDEX "permits_redeemed" ON "permits" USING btree ("tenant_id","agent_id","tool","redeemed_at") WHERE redeemed_at is not null;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "actions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "outcomes" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "approvals" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "questions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "sealed_arguments" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "votes" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "instance_beats" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "stop_receipts" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "control_changes" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "stop_epochs" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "stop_lifts" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "stops" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "permits" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
ALTER TABLE "actions" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "outcomes" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "approvals" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "questions" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "sealed_arguments" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "votes" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "instance_beats" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "stop_receipts" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "control_changes" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "stop_epochs" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "stop_lifts" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "stops" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "permits" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Tells every process at the commit that something changed on the control plane. Rare rows only: a
-- notification inside each ingest transaction cost a factor of six.
CREATE FUNCTION tell_control_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  PERFORM pg_notify('signalbox_control', json_build_object(
    't', NEW.tenant_id, 'n', NEW.noun, 's', NEW.subject_id, 'c', NEW.change, 'a', NEW.agent_id,
    'p', json_build_array(NEW.incarnation, NEW.xid::text, NEW.seq::text))::text);
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE TRIGGER control_changes_told AFTER INSERT ON "control_changes"
  FOR EACH ROW EXECUTE FUNCTION tell_control_change();
