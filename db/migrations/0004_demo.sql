-- Whether a demo tenant is here: `web` asks before it listens beyond this machine, with a login that
-- sees no tenant. The answer names none.
CREATE FUNCTION demo_tenant_exists() RETURNS boolean
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT EXISTS (SELECT 1 FROM tenants WHERE is_demo)
$$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION demo_tenant_exists() FROM PUBLIC;
