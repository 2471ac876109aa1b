-- What was done to alerts before their steps had a table: once, past the policy of its own table.
ALTER TABLE "alerts" NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
INSERT INTO "alert_steps" (tenant_id, alert_id, batch, kind, actor_type, actor_id, actor_label, detail, before, at)
SELECT tenant_id, id, gen_random_uuid(), 'acknowledged', 'person', acknowledged_by, acknowledged_by, '{}', '{}', acknowledged_at
FROM "alerts" WHERE acknowledged_at IS NOT NULL AND acknowledged_by IS NOT NULL;
--> statement-breakpoint
INSERT INTO "alert_steps" (tenant_id, alert_id, batch, kind, actor_type, actor_id, actor_label, detail, before, at)
SELECT tenant_id, id, gen_random_uuid(), 'resolved', 'person', resolved_by, resolved_by,
  jsonb_strip_nulls(jsonb_build_object('verdict', verdict, 'note', note)), '{}', resolved_at
FROM "alerts" WHERE resolved_at IS NOT NULL AND resolved_by IS NOT NULL;
--> statement-breakpoint
ALTER TABLE "alerts" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "alert_steps" FORCE ROW LEVEL SECURITY;
