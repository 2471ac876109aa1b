-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "channels" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
ALTER TABLE "deliveries" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- Where alerts go, and what is to be sent, is found over all tenants.
CREATE POLICY worker_reads ON "channels" FOR SELECT TO signalbox_worker USING (true);
--> statement-breakpoint
CREATE POLICY worker_reads ON "deliveries" FOR SELECT TO signalbox_worker USING (true);
