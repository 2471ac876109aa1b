CREATE TABLE "credential_marks" (
	"tenant_id" uuid NOT NULL,
	"credential_id" uuid NOT NULL,
	"part" integer NOT NULL,
	"form" text NOT NULL,
	"chars" integer NOT NULL,
	"core_at" integer NOT NULL,
	"core_chars" integer NOT NULL,
	"window_hash" integer NOT NULL,
	"commitment" "bytea" NOT NULL,
	CONSTRAINT "credential_marks_tenant_id_credential_id_part_pk" PRIMARY KEY("tenant_id","credential_id","part")
);
--> statement-breakpoint
ALTER TABLE "credential_marks" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "credential_marks" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "credential_sightings" (
	"tenant_id" uuid NOT NULL,
	"credential_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"evidence" text NOT NULL,
	"is_verified" boolean NOT NULL,
	"times" integer NOT NULL,
	"first_at" timestamptz NOT NULL,
	"last_at" timestamptz NOT NULL,
	"event_id" text,
	"trace_id" uuid,
	CONSTRAINT "credential_sightings_pk" PRIMARY KEY("tenant_id","credential_id","agent_id","evidence","is_verified")
);
--> statement-breakpoint
ALTER TABLE "credential_sightings" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "credential_sightings" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "credentials" ADD COLUMN "secret_watch" text DEFAULT 'pending' NOT NULL;--> statement-breakpoint
ALTER TABLE "credential_marks" ADD CONSTRAINT "credential_marks_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "credential_sightings" ADD CONSTRAINT "credential_sightings_tenant_id_credential_id_credentials_tenant_id_id_fk" FOREIGN KEY ("tenant_id","credential_id") REFERENCES "public"."credentials"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "credential_marks" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "credential_sightings" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);