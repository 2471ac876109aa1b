CREATE TABLE "master_keys" (
	"name" text PRIMARY KEY NOT NULL,
	"derivation" "bytea",
	"created_at" timestamptz DEFAULT now() NOT NULL
);

--> statement-breakpoint
-- What wrapped data keys until now goes on doing so. Row-level security binds the owner too.
ALTER TABLE "data_keys" NO FORCE ROW LEVEL SECURITY;--> statement-breakpoint
INSERT INTO "master_keys" ("name") SELECT DISTINCT wrapped_by FROM "data_keys";--> statement-breakpoint
ALTER TABLE "data_keys" FORCE ROW LEVEL SECURITY;--> statement-breakpoint
-- A data key lies wrapped only by a master key that is registered: a process that still holds one which
-- was exchanged is refused here. The lock lasts to the end of the transaction, so whoever takes the
-- name away waits for it, and sees its row.
CREATE FUNCTION require_master_key() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  PERFORM 1 FROM master_keys WHERE name = NEW.wrapped_by FOR KEY SHARE;
  IF NOT FOUND THEN
    RAISE EXCEPTION 'no master key of this name is registered' USING ERRCODE = 'foreign_key_violation';
  END IF;
  RETURN NEW;
END $$;
--> statement-breakpoint
CREATE TRIGGER require_master_key BEFORE INSERT OR UPDATE OF wrapped_by ON "data_keys"
  FOR EACH ROW EXECUTE FUNCTION require_master_key();
--> statement-breakpoint
-- Registers the first master key; changes nothing where one is registered.
CREATE FUNCTION register_master_key(p_name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF EXISTS (SELECT 1 FROM master_keys) THEN
    RETURN;
  END IF;
  PERFORM pg_advisory_xact_lock(hashtextextended('signalbox master keys', 0));
  INSERT INTO master_keys (name) SELECT p_name WHERE NOT EXISTS (SELECT 1 FROM master_keys);
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION register_master_key(text) FROM PUBLIC;
