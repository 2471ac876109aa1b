CREATE TABLE "backtests" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"rule_id" uuid,
	"source" text NOT NULL,
	"days" integer NOT NULL,
	"state" text DEFAULT 'queued' NOT NULL,
	"requested_by_label" text NOT NULL,
	"events_total" integer,
	"events_read" integer DEFAULT 0 NOT NULL,
	"result" jsonb,
	"failure" text,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"started_at" timestamptz,
	"finished_at" timestamptz,
	"beat_at" timestamptz,
	CONSTRAINT "backtests_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "backtests" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rule_proposals" (
	"tenant_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"source" text NOT NULL,
	"state" text NOT NULL,
	"author_id" text NOT NULL,
	"author_label" text NOT NULL,
	"edited_at" timestamptz DEFAULT now() NOT NULL,
	"shadow_since" timestamptz,
	CONSTRAINT "rule_proposals_tenant_id_rule_id_pk" PRIMARY KEY("tenant_id","rule_id")
);
--> statement-breakpoint
ALTER TABLE "rule_proposals" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rule_versions" (
	"tenant_id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"source" text NOT NULL,
	"author_label" text NOT NULL,
	"approved_by_label" text NOT NULL,
	"is_alone" boolean NOT NULL,
	"approved_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "rule_versions_tenant_id_rule_id_version_pk" PRIMARY KEY("tenant_id","rule_id","version")
);
--> statement-breakpoint
ALTER TABLE "rule_versions" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "shadow_matches" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"agent_slug" text,
	"trace_id" uuid,
	"event_id" text,
	"first_at" timestamptz NOT NULL,
	"last_at" timestamptz NOT NULL,
	"count" integer NOT NULL,
	"matched_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "shadow_matches_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "shadow_matches" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "rules" ADD COLUMN "last_version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "rule_proposals" ADD CONSTRAINT "rule_proposals_tenant_id_rule_id_rules_tenant_id_id_fk" FOREIGN KEY ("tenant_id","rule_id") REFERENCES "public"."rules"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rule_versions" ADD CONSTRAINT "rule_versions_tenant_id_rule_id_rules_tenant_id_id_fk" FOREIGN KEY ("tenant_id","rule_id") REFERENCES "public"."rules"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "shadow_matches" ADD CONSTRAINT "shadow_matches_tenant_id_rule_id_rules_tenant_id_id_fk" FOREIGN KEY ("tenant_id","rule_id") REFERENCES "public"."rules"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "backtests_waiting" ON "backtests" USING btree ("created_at") WHERE state in ('queued', 'running');--> statement-breakpoint
CREATE INDEX "backtests_rule" ON "backtests" USING btree ("tenant_id","rule_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "shadow_matches_rule" ON "shadow_matches" USING btree ("tenant_id","rule_id","version","last_at" DESC NULLS LAST);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "backtests" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rule_proposals" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rule_versions" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "shadow_matches" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);