CREATE SEQUENCE "events_seq" AS bigint CACHE 1;
--> statement-breakpoint
CREATE SEQUENCE "audit_log_seq" AS bigint;
--> statement-breakpoint
CREATE SEQUENCE "alert_changes_seq" AS bigint;
--> statement-breakpoint
CREATE TABLE "agent_instances" (
	"tenant_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"instance_id" text NOT NULL,
	"first_seen_at" timestamptz NOT NULL,
	"last_seen_at" timestamptz NOT NULL,
	CONSTRAINT "agent_instances_tenant_id_agent_id_instance_id_pk" PRIMARY KEY("tenant_id","agent_id","instance_id")
);
--> statement-breakpoint
ALTER TABLE "agent_instances" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "agents" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"owner_user_id" uuid,
	"environment" text DEFAULT 'production' NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "agents_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "agents_slug" UNIQUE("tenant_id","slug")
);
--> statement-breakpoint
ALTER TABLE "agents" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tools" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"description" text DEFAULT '' NOT NULL,
	"reversibility" smallint NOT NULL,
	"sensitivity" smallint NOT NULL,
	"blast_radius" smallint NOT NULL,
	"effect_class" text NOT NULL,
	"load_bearing_fields" text[],
	"schema" jsonb,
	"origin" text DEFAULT 'custom' NOT NULL,
	"updated_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "tools_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "tools_name" UNIQUE("tenant_id","name")
);
--> statement-breakpoint
ALTER TABLE "tools" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "audit_log" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"seq" bigint DEFAULT nextval('audit_log_seq') NOT NULL,
	"at" timestamptz DEFAULT now() NOT NULL,
	"actor_type" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_label" text NOT NULL,
	"on_behalf_of" text DEFAULT 'none' NOT NULL,
	"action" text NOT NULL,
	"subject_type" text NOT NULL,
	"subject_id" text NOT NULL,
	"decision" text DEFAULT 'none' NOT NULL,
	"risk" text DEFAULT 'none' NOT NULL,
	"cause" text DEFAULT 'none' NOT NULL,
	"request_id" text NOT NULL,
	"detail" jsonb DEFAULT '{}'::jsonb NOT NULL,
	CONSTRAINT "audit_log_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "audit_log" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alert_changes" (
	"tenant_id" uuid NOT NULL,
	"incarnation" smallint NOT NULL,
	"xid" "xid8" DEFAULT pg_current_xact_id() NOT NULL,
	"seq" bigint DEFAULT nextval('alert_changes_seq') NOT NULL,
	"alert_id" uuid NOT NULL,
	"change" text NOT NULL,
	"at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "alert_changes_tenant_id_incarnation_xid_seq_pk" PRIMARY KEY("tenant_id","incarnation","xid","seq")
);
--> statement-breakpoint
ALTER TABLE "alert_changes" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alert_evidence" (
	"tenant_id" uuid NOT NULL,
	"alert_id" uuid NOT NULL,
	"incarnation" smallint NOT NULL,
	"event_xid" "xid8" NOT NULL,
	"event_seq" bigint NOT NULL,
	"received_on" date NOT NULL,
	"event_id" text NOT NULL,
	"trace_id" uuid NOT NULL,
	"started_at" timestamptz NOT NULL,
	CONSTRAINT "alert_evidence_tenant_id_alert_id_incarnation_event_seq_pk" PRIMARY KEY("tenant_id","alert_id","incarnation","event_seq")
);
--> statement-breakpoint
ALTER TABLE "alert_evidence" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "alerts" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"rule_id" uuid NOT NULL,
	"rule_version" integer NOT NULL,
	"group_key" text NOT NULL,
	"severity" text NOT NULL,
	"state" text NOT NULL,
	"title" text NOT NULL,
	"explanation" jsonb NOT NULL,
	"agent_id" uuid,
	"agent_slug" text,
	"session_id" text,
	"trace_ids" text[] NOT NULL,
	"labels" text[] NOT NULL,
	"first_at" timestamptz NOT NULL,
	"last_at" timestamptz NOT NULL,
	"opened_at" timestamptz DEFAULT now() NOT NULL,
	"updated_at" timestamptz DEFAULT now() NOT NULL,
	"count" integer NOT NULL,
	"acknowledged_by" text,
	"acknowledged_at" timestamptz,
	"resolved_by" text,
	"resolved_at" timestamptz,
	"verdict" text,
	"note" text,
	CONSTRAINT "alerts_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "alerts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "detector_state" (
	"tenant_id" uuid NOT NULL,
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"state" jsonb NOT NULL,
	"updated_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "detector_state_tenant_id_scope_key_pk" PRIMARY KEY("tenant_id","scope","key")
);
--> statement-breakpoint
ALTER TABLE "detector_state" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "rules" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"slug" text NOT NULL,
	"title" text NOT NULL,
	"severity" text NOT NULL,
	"state" text NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"source" text NOT NULL,
	"labels" text[] DEFAULT '{}' NOT NULL,
	"origin" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"updated_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "rules_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "rules_slug" UNIQUE("tenant_id","slug")
);
--> statement-breakpoint
ALTER TABLE "rules" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "canaries" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"marker" text NOT NULL,
	"homes" text[] NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"removed_at" timestamptz,
	CONSTRAINT "canaries_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "canaries" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "event_bodies" (
	"tenant_id" uuid NOT NULL,
	"received_on" date NOT NULL,
	"seq" bigint NOT NULL,
	"salt" "bytea",
	"commitment" "bytea" NOT NULL,
	"redaction" smallint NOT NULL,
	"body" text,
	CONSTRAINT "event_bodies_tenant_id_received_on_seq_pk" PRIMARY KEY("tenant_id","received_on","seq")
) PARTITION BY RANGE ("received_on");
--> statement-breakpoint
ALTER TABLE "event_bodies" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "event_context" (
	"tenant_id" uuid NOT NULL,
	"trace_id" uuid NOT NULL,
	"span_id" text NOT NULL,
	"agent_id" uuid,
	"agent_slug" text,
	"session_id" text,
	"conversation_id" text,
	"user_id" text,
	CONSTRAINT "event_context_tenant_id_trace_id_span_id_pk" PRIMARY KEY("tenant_id","trace_id","span_id")
);
--> statement-breakpoint
ALTER TABLE "event_context" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "event_counts" (
	"tenant_id" uuid NOT NULL,
	"minute" timestamptz NOT NULL,
	"agent_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"events" integer NOT NULL,
	"errors" integer NOT NULL,
	"bytes" bigint NOT NULL,
	CONSTRAINT "event_counts_tenant_id_minute_agent_id_kind_pk" PRIMARY KEY("tenant_id","minute","agent_id","kind")
);
--> statement-breakpoint
ALTER TABLE "event_counts" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "event_ids" (
	"tenant_id" uuid NOT NULL,
	"id" text NOT NULL,
	"revision" smallint NOT NULL,
	"digest" "bytea" NOT NULL,
	"received_on" date NOT NULL,
	"incarnation" smallint NOT NULL,
	"xid" "xid8" NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "event_ids_tenant_id_id_revision_pk" PRIMARY KEY("tenant_id","id","revision")
) PARTITION BY HASH ("tenant_id", "id");
--> statement-breakpoint
ALTER TABLE "event_ids" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "event_search" (
	"tenant_id" uuid NOT NULL,
	"received_on" date NOT NULL,
	"seq" bigint NOT NULL,
	"trace_id" uuid NOT NULL,
	"words" "tsvector" NOT NULL,
	CONSTRAINT "event_search_tenant_id_received_on_seq_pk" PRIMARY KEY("tenant_id","received_on","seq")
) PARTITION BY RANGE ("received_on");
--> statement-breakpoint
ALTER TABLE "event_search" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "events" (
	"tenant_id" uuid NOT NULL,
	"received_on" date NOT NULL,
	"incarnation" smallint NOT NULL,
	"xid" "xid8" NOT NULL,
	"seq" bigint NOT NULL,
	"received_at" timestamptz NOT NULL,
	"event_id" text NOT NULL,
	"revision" smallint NOT NULL,
	"trace_id" uuid NOT NULL,
	"span_id" text,
	"parent_span_id" text,
	"session_id" text,
	"conversation_id" text,
	"agent_id" uuid NOT NULL,
	"agent_slug" text NOT NULL,
	"agent_explicit" boolean NOT NULL,
	"is_verified" boolean NOT NULL,
	"instance_id" text,
	"user_id" text,
	"kind" text NOT NULL,
	"phase" text,
	"call_id" text,
	"name" text,
	"started_at" timestamptz NOT NULL,
	"ended_at" timestamptz,
	"status" text NOT NULL,
	"model" text,
	"trust" text NOT NULL,
	"action_id" text,
	"dialect" text NOT NULL,
	"flags" text[],
	"findings" jsonb,
	"body_bytes" integer NOT NULL,
	CONSTRAINT "events_position" PRIMARY KEY("tenant_id","incarnation","xid","seq","received_on")
) PARTITION BY RANGE ("received_on");
--> statement-breakpoint
ALTER TABLE "events" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tail_cursors" (
	"tenant_id" uuid NOT NULL,
	"consumer" text NOT NULL,
	"incarnation" smallint NOT NULL,
	"xid" "xid8" NOT NULL,
	"seq" bigint NOT NULL,
	"updated_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "tail_cursors_tenant_id_consumer_pk" PRIMARY KEY("tenant_id","consumer")
);
--> statement-breakpoint
ALTER TABLE "tail_cursors" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "traces" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"title" text NOT NULL,
	"agent_ids" jsonb NOT NULL,
	"agent_slugs" text[] NOT NULL,
	"session_id" text,
	"user_id" text,
	"started_at" timestamptz NOT NULL,
	"ended_at" timestamptz NOT NULL,
	"first_received_at" timestamptz NOT NULL,
	"last_received_at" timestamptz NOT NULL,
	"events" integer NOT NULL,
	"tool_calls" integer NOT NULL,
	"errors" integer NOT NULL,
	"findings" integer NOT NULL,
	"tools" text[] NOT NULL,
	"has_untrusted" boolean NOT NULL,
	"alerts" integer DEFAULT 0 NOT NULL,
	"xid" "xid8" NOT NULL,
	"seq" bigint NOT NULL,
	CONSTRAINT "traces_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "traces" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "api_key_index" (
	"secret_hash" "bytea" PRIMARY KEY NOT NULL,
	"tenant_id" uuid NOT NULL,
	"key_id" uuid NOT NULL
);
--> statement-breakpoint
ALTER TABLE "api_key_index" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "api_keys" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"secret_hash" "bytea" NOT NULL,
	"agent_id" uuid,
	"tools" text[] DEFAULT '{}' NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"expires_at" timestamptz,
	"revoked_at" timestamptz,
	"last_used_at" timestamptz,
	CONSTRAINT "api_keys_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "api_keys_secret_hash" UNIQUE("tenant_id","secret_hash")
);
--> statement-breakpoint
ALTER TABLE "api_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "log_incarnation" (
	"singleton" boolean PRIMARY KEY DEFAULT true NOT NULL,
	"incarnation" integer NOT NULL,
	"cluster" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "memberships" (
	"tenant_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"roles" text[] NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "memberships_tenant_id_user_id_pk" PRIMARY KEY("tenant_id","user_id")
);
--> statement-breakpoint
ALTER TABLE "memberships" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "processes" (
	"id" text PRIMARY KEY NOT NULL,
	"role" text NOT NULL,
	"host" text NOT NULL,
	"started_at" timestamptz DEFAULT now() NOT NULL,
	"last_seen_at" timestamptz DEFAULT now() NOT NULL,
	"fingerprints" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "sign_in_failures" (
	"subject" "bytea" PRIMARY KEY NOT NULL,
	"failures" integer NOT NULL,
	"window_started_at" timestamptz DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sign_in_failures" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sign_ins" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"last_seen_at" timestamptz DEFAULT now() NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"ended_at" timestamptz,
	"address" text NOT NULL,
	"user_agent" text NOT NULL
);
--> statement-breakpoint
ALTER TABLE "sign_ins" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "tenants" (
	"id" uuid PRIMARY KEY NOT NULL,
	"slug" text NOT NULL,
	"name" text NOT NULL,
	"is_demo" boolean DEFAULT false NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "tenants_slug_unique" UNIQUE("slug")
);
--> statement-breakpoint
ALTER TABLE "tenants" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"password_hash" text NOT NULL,
	"disabled_at" timestamptz,
	"created_at" timestamptz DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "users" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "alert_changes" ADD CONSTRAINT "alert_changes_tenant_id_alert_id_alerts_tenant_id_id_fk" FOREIGN KEY ("tenant_id","alert_id") REFERENCES "public"."alerts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alert_evidence" ADD CONSTRAINT "alert_evidence_tenant_id_alert_id_alerts_tenant_id_id_fk" FOREIGN KEY ("tenant_id","alert_id") REFERENCES "public"."alerts"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "alerts" ADD CONSTRAINT "alerts_tenant_id_rule_id_rules_tenant_id_id_fk" FOREIGN KEY ("tenant_id","rule_id") REFERENCES "public"."rules"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "memberships" ADD CONSTRAINT "memberships_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sign_ins" ADD CONSTRAINT "sign_ins_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "tools_effect" ON "tools" USING btree ("tenant_id","effect_class");--> statement-breakpoint
CREATE INDEX "audit_log_order" ON "audit_log" USING btree ("tenant_id","xid","seq");--> statement-breakpoint
CREATE INDEX "audit_log_subject" ON "audit_log" USING btree ("tenant_id","subject_type","subject_id");--> statement-breakpoint
CREATE INDEX "alert_evidence_trace" ON "alert_evidence" USING btree ("tenant_id","trace_id");--> statement-breakpoint
CREATE INDEX "alerts_recent" ON "alerts" USING btree ("tenant_id","updated_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "alerts_open" ON "alerts" USING btree ("tenant_id","rule_id","group_key") WHERE state <> 'resolved';--> statement-breakpoint
CREATE INDEX "detector_state_age" ON "detector_state" USING btree ("tenant_id","scope","updated_at");--> statement-breakpoint
CREATE INDEX "event_search_words" ON "event_search" USING gin ("words");--> statement-breakpoint
CREATE INDEX "events_trace" ON "events" USING btree ("tenant_id","trace_id");--> statement-breakpoint
CREATE INDEX "traces_recent" ON "traces" USING btree ("tenant_id","last_received_at" DESC NULLS LAST,"id");--> statement-breakpoint
CREATE INDEX "traces_session" ON "traces" USING btree ("tenant_id","session_id");--> statement-breakpoint
CREATE INDEX "traces_agents" ON "traces" USING gin ("agent_slugs");--> statement-breakpoint
CREATE INDEX "traces_tools" ON "traces" USING gin ("tools");--> statement-breakpoint
CREATE INDEX "sign_ins_user" ON "sign_ins" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "users_email_key" ON "users" USING btree (lower("email"));--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "agent_instances" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "agents" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "tools" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "audit_log" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "alert_changes" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "alert_evidence" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "alerts" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "detector_state" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "rules" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "canaries" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "event_bodies" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "event_context" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "event_counts" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "event_ids" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "event_search" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "events" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "tail_cursors" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "traces" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "api_keys" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "memberships" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "own_tenant" ON "tenants" AS PERMISSIVE FOR SELECT TO public USING (id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "same_tenant" ON "users" AS PERMISSIVE FOR SELECT TO public USING (exists (select 1 from memberships m where m.user_id = users.id
        and m.tenant_id = nullif(current_setting('app.tenant', true), '')::uuid));
--> statement-breakpoint
CREATE TABLE "event_ids_0" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 0);
--> statement-breakpoint
CREATE TABLE "event_ids_1" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 1);
--> statement-breakpoint
CREATE TABLE "event_ids_2" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 2);
--> statement-breakpoint
CREATE TABLE "event_ids_3" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 3);
--> statement-breakpoint
CREATE TABLE "event_ids_4" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 4);
--> statement-breakpoint
CREATE TABLE "event_ids_5" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 5);
--> statement-breakpoint
CREATE TABLE "event_ids_6" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 6);
--> statement-breakpoint
CREATE TABLE "event_ids_7" PARTITION OF "event_ids" FOR VALUES WITH (MODULUS 8, REMAINDER 7);
