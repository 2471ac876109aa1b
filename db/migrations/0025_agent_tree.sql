CREATE TABLE "agent_ancestors" (
	"tenant_id" uuid NOT NULL,
	"agent_id" uuid NOT NULL,
	"ancestor_id" uuid NOT NULL,
	"epoch" bigint NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "agent_ancestors_tenant_id_agent_id_ancestor_id_pk" PRIMARY KEY("tenant_id","agent_id","ancestor_id")
);
--> statement-breakpoint
ALTER TABLE "agent_ancestors" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
CREATE TABLE "spawns" (
	"tenant_id" uuid NOT NULL,
	"parent_id" uuid NOT NULL,
	"child_id" uuid NOT NULL,
	"is_verified" boolean NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "spawns_tenant_id_parent_id_child_id_is_verified_pk" PRIMARY KEY("tenant_id","parent_id","child_id","is_verified")
);
--> statement-breakpoint
ALTER TABLE "spawns" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "stops" ADD COLUMN "tree_root_id" uuid;--> statement-breakpoint
ALTER TABLE "agent_ancestors" ADD CONSTRAINT "agent_ancestors_tenant_id_agent_id_agents_tenant_id_id_fk" FOREIGN KEY ("tenant_id","agent_id") REFERENCES "public"."agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spawns" ADD CONSTRAINT "spawns_tenant_id_parent_id_agents_tenant_id_id_fk" FOREIGN KEY ("tenant_id","parent_id") REFERENCES "public"."agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "spawns" ADD CONSTRAINT "spawns_tenant_id_child_id_agents_tenant_id_id_fk" FOREIGN KEY ("tenant_id","child_id") REFERENCES "public"."agents"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "agent_ancestors_tree" ON "agent_ancestors" USING btree ("tenant_id","ancestor_id","agent_id");--> statement-breakpoint
CREATE INDEX "spawns_child" ON "spawns" USING btree ("tenant_id","child_id");--> statement-breakpoint
ALTER TABLE "stops" ADD CONSTRAINT "stops_tree_root" CHECK ((scope_kind = 'tree') = (tree_root_id is not null));--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "agent_ancestors" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "spawns" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "spawns" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "agent_ancestors" FORCE ROW LEVEL SECURITY;
