CREATE TABLE "credential_holders" (
	"tenant_id" uuid NOT NULL,
	"credential_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	CONSTRAINT "credential_holders_tenant_id_credential_id_agent_id_pk" PRIMARY KEY("tenant_id","credential_id","agent_id")
);
--> statement-breakpoint
ALTER TABLE "credential_holders" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "credentials" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"tool" text NOT NULL,
	"kind" text NOT NULL,
	"scopes" text[] NOT NULL,
	"environment" text,
	"owner_user_id" uuid,
	"parent_id" uuid,
	"provider_id" uuid,
	"external_ref" text,
	"expires_at" timestamptz,
	"lease_seconds_max" integer NOT NULL,
	"is_action_required" boolean NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	"last_used_at" timestamptz,
	"revoke_requested_at" timestamptz,
	CONSTRAINT "credentials_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "credentials_name" UNIQUE("tenant_id","name")
);
--> statement-breakpoint
ALTER TABLE "credentials" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "data_keys" (
	"tenant_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"wrapped" "bytea" NOT NULL,
	"wrapped_by" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "data_keys_tenant_id_version_pk" PRIMARY KEY("tenant_id","version")
);
--> statement-breakpoint
ALTER TABLE "data_keys" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "leases" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"token_hash" "bytea" NOT NULL,
	"credential_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"key_id" uuid NOT NULL,
	"tool" text NOT NULL,
	"scopes" text[] NOT NULL,
	"environment" text NOT NULL,
	"session_id" text,
	"action_id" uuid,
	"epoch" bigint NOT NULL,
	"issued_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"last_used_at" timestamptz,
	"ended_at" timestamptz,
	"ended" text,
	CONSTRAINT "leases_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "leases_token" UNIQUE("tenant_id","token_hash")
);
--> statement-breakpoint
ALTER TABLE "leases" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "credential_providers" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"name" text NOT NULL,
	"adapter" text NOT NULL,
	"settings" jsonb NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "credential_providers_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "credential_providers_name" UNIQUE("tenant_id","name")
);
--> statement-breakpoint
ALTER TABLE "credential_providers" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "revocation_steps" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"revocation_id" uuid NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"step" text NOT NULL,
	"state" text NOT NULL,
	"verdict" text NOT NULL,
	"host" text,
	"status" integer,
	"says" text NOT NULL,
	CONSTRAINT "revocation_steps_tenant_id_id_pk" PRIMARY KEY("tenant_id","id")
);
--> statement-breakpoint
ALTER TABLE "revocation_steps" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "revocations" (
	"tenant_id" uuid NOT NULL,
	"id" uuid NOT NULL,
	"credential_id" uuid NOT NULL,
	"target" text NOT NULL,
	"provider_id" uuid,
	"state" text DEFAULT 'requested' NOT NULL,
	"says" text NOT NULL,
	"requested_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"requested_by" text NOT NULL,
	"reason" text NOT NULL,
	"root_id" uuid NOT NULL,
	"depth" integer NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"was_live_at" timestamptz,
	"sent_at" timestamptz,
	"confirmed_at" timestamptz,
	"verified_at" timestamptz,
	"last_valid_at" timestamptz,
	"next_attempt_at" timestamptz DEFAULT clock_timestamp(),
	"claimed_until" timestamptz,
	"incarnation" integer NOT NULL,
	CONSTRAINT "revocations_tenant_id_id_pk" PRIMARY KEY("tenant_id","id"),
	CONSTRAINT "revocations_target" UNIQUE("tenant_id","credential_id","target")
);
--> statement-breakpoint
ALTER TABLE "revocations" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "sealed_secrets" (
	"tenant_id" uuid NOT NULL,
	"subject_id" text NOT NULL,
	"data_key_version" integer NOT NULL,
	"sealed" "bytea" NOT NULL,
	"created_at" timestamptz DEFAULT now() NOT NULL,
	CONSTRAINT "sealed_secrets_tenant_id_subject_id_pk" PRIMARY KEY("tenant_id","subject_id")
);
--> statement-breakpoint
ALTER TABLE "sealed_secrets" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "credential_holders" ADD CONSTRAINT "credential_holders_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_tenant_id_parent_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","parent_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credentials" ADD CONSTRAINT "credentials_tenant_id_provider_id_credential_providers_tenant_id_id_fk" FOREIGN KEY ("tenant_id","provider_id") REFERENCES "public"."credential_providers"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "leases" ADD CONSTRAINT "leases_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revocation_steps" ADD CONSTRAINT "revocation_steps_tenant_id_revocation_id_revocations_tenant_id_id_fk" FOREIGN KEY ("tenant_id","revocation_id") REFERENCES "public"."revocations"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "revocations" ADD CONSTRAINT "revocations_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "sealed_secrets" ADD CONSTRAINT "sealed_secrets_tenant_id_data_key_version_data_keys_tenant_id_version_fk" FOREIGN KEY ("tenant_id","data_key_version") REFERENCES "public"."data_keys"("tenant_id","version") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credential_holders_agent" ON "credential_holders" USING btree ("tenant_id","agent_id");--> statement-breakpoint
CREATE INDEX "credentials_tool" ON "credentials" USING btree ("tenant_id","tool");--> statement-breakpoint
CREATE INDEX "credentials_parent" ON "credentials" USING btree ("tenant_id","parent_id");--> statement-breakpoint
CREATE INDEX "leases_agent" ON "leases" USING btree ("tenant_id","agent_id","expires_at");--> statement-breakpoint
CREATE INDEX "leases_credential" ON "leases" USING btree ("tenant_id","credential_id","expires_at");--> statement-breakpoint
CREATE INDEX "revocation_steps_of" ON "revocation_steps" USING btree ("tenant_id","revocation_id","at");--> statement-breakpoint
CREATE INDEX "revocations_due" ON "revocations" USING btree ("next_attempt_at") WHERE next_attempt_at is not null;--> statement-breakpoint
CREATE INDEX "revocations_root" ON "revocations" USING btree ("tenant_id","root_id","depth");--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "credential_holders" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "credentials" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "data_keys" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "leases" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "credential_providers" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "revocation_steps" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "revocations" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "sealed_secrets" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "data_keys" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "credential_providers" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "credentials" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "credential_holders" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "sealed_secrets" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "leases" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "revocations" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "revocation_steps" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- What is due is found over all tenants; each step is then taken in its own.
CREATE POLICY worker_reads ON "revocations" FOR SELECT TO signalbox_worker USING (true);
