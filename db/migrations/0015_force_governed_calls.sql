-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "governed_calls" FORCE ROW LEVEL SECURITY;
