-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "rule_proposals" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "rule_versions" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "shadow_matches" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "backtests" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Backtests that wait are found over all tenants.
CREATE POLICY worker_reads ON "backtests" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint
-- Numbers that were given before the highest one was remembered.
ALTER TABLE "rules" NO FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
UPDATE "rules" SET last_version = version;
--> statement-breakpoint
ALTER TABLE "rules" FORCE ROW LEVEL SECURITY;
