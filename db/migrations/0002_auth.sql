-- What has to be asked before a tenant is known: people by e-mail, sign-ins by id, keys by hash.
-- Each function runs as the owner, answers one narrow question and is granted by db/grants.ts only.
-- Clocks are the database's: one clock decides for all processes what has expired.

-- A person by e-mail. `knows_address`: the person has signed in from there in the last 30 days, so
-- that a stranger's guesses cannot lock a person out of the places they really work from.
CREATE FUNCTION auth_find_user(p_email text, p_address text)
RETURNS TABLE (user_id uuid, email text, name text, password_hash text, knows_address boolean)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT u.id, u.email, u.name, u.password_hash,
    EXISTS (SELECT 1 FROM sign_ins s WHERE s.user_id = u.id AND s.address = p_address
      AND s.created_at > now() - interval '30 days')
  FROM users u WHERE lower(u.email) = lower(p_email) AND u.disabled_at IS NULL
$$;
--> statement-breakpoint

-- Makes a person, or finds the one with this e-mail. A person whom no tenant knows any more is made
-- anew (name, password, no sign-ins). `is_new` false: the password and the name were not touched.
CREATE FUNCTION auth_create_user(p_id uuid, p_email text, p_name text, p_password_hash text)
RETURNS TABLE (user_id uuid, is_new boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  found_id uuid;
BEGIN
  INSERT INTO users (id, email, name, password_hash)
    VALUES (p_id, lower(p_email), p_name, p_password_hash)
    ON CONFLICT (lower(email)) DO NOTHING RETURNING id INTO found_id;
  IF found_id IS NOT NULL THEN
    RETURN QUERY SELECT found_id, true;
    RETURN;
  END IF;
  -- The lock makes two tenants that add one orphan wait for each other.
  SELECT u.id INTO found_id FROM users u WHERE lower(u.email) = lower(p_email) FOR UPDATE;
  IF EXISTS (SELECT 1 FROM memberships m WHERE m.user_id = found_id) THEN
    RETURN QUERY SELECT found_id, false;
    RETURN;
  END IF;
  UPDATE users SET name = p_name, password_hash = p_password_hash, disabled_at = NULL
    WHERE id = found_id;
  UPDATE sign_ins SET ended_at = now() WHERE sign_ins.user_id = found_id AND ended_at IS NULL;
  RETURN QUERY SELECT found_id, true;
END $$;
--> statement-breakpoint

CREATE FUNCTION auth_find_password(p_user uuid) RETURNS text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT password_hash FROM users WHERE id = p_user AND disabled_at IS NULL
$$;
--> statement-breakpoint

CREATE FUNCTION auth_set_password(p_user uuid, p_password_hash text) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH changed AS (
    UPDATE users SET password_hash = p_password_hash WHERE id = p_user RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM changed)
$$;
--> statement-breakpoint

-- The tenants of a person, with their roles there, by slug.
CREATE FUNCTION auth_memberships(p_user uuid)
RETURNS TABLE (tenant_id uuid, slug text, name text, is_demo boolean, roles text[])
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT t.id, t.slug, t.name, t.is_demo, m.roles
  FROM memberships m JOIN tenants t ON t.id = m.tenant_id
  WHERE m.user_id = p_user ORDER BY t.slug
$$;
--> statement-breakpoint

CREATE FUNCTION auth_open_sign_in(
  p_id uuid, p_user uuid, p_hours integer, p_address text, p_user_agent text)
RETURNS timestamptz
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  INSERT INTO sign_ins (id, user_id, expires_at, address, user_agent)
  VALUES (p_id, p_user, now() + make_interval(hours => p_hours), p_address, p_user_agent)
  RETURNING expires_at
$$;
--> statement-breakpoint

-- A sign-in that is valid at this moment, or no row. `p_touch` says that the person did something:
-- the idle clock starts again, written at most once a minute.
CREATE FUNCTION auth_sign_in(p_id uuid, p_idle_minutes integer, p_touch boolean)
RETURNS TABLE (user_id uuid, email text, name text, expires_at timestamptz)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
  IF p_touch THEN
    UPDATE sign_ins s SET last_seen_at = now()
      WHERE s.id = p_id AND s.ended_at IS NULL AND s.expires_at > now()
        AND s.last_seen_at < now() - interval '1 minute'
        AND s.last_seen_at > now() - make_interval(mins => p_idle_minutes);
  END IF;
  RETURN QUERY SELECT u.id, u.email, u.name, s.expires_at
    FROM sign_ins s JOIN users u ON u.id = s.user_id
    WHERE s.id = p_id AND s.ended_at IS NULL AND s.expires_at > now() AND u.disabled_at IS NULL
      AND s.last_seen_at > now() - make_interval(mins => p_idle_minutes);
END $$;
--> statement-breakpoint

-- The open sign-ins of a person, newest first.
CREATE FUNCTION auth_sign_ins_of(p_user uuid, p_idle_minutes integer)
RETURNS TABLE (id uuid, created_at timestamptz, last_seen_at timestamptz, expires_at timestamptz,
  address text, user_agent text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT s.id, s.created_at, s.last_seen_at, s.expires_at, s.address, s.user_agent
  FROM sign_ins s
  WHERE s.user_id = p_user AND s.ended_at IS NULL AND s.expires_at > now()
    AND s.last_seen_at > now() - make_interval(mins => p_idle_minutes)
  ORDER BY s.created_at DESC LIMIT 100
$$;
--> statement-breakpoint

-- Ends one sign-in of this person; false when there is none to end.
CREATE FUNCTION auth_end_sign_in(p_id uuid, p_user uuid) RETURNS boolean
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    UPDATE sign_ins SET ended_at = now()
    WHERE id = p_id AND user_id = p_user AND ended_at IS NULL RETURNING 1)
  SELECT EXISTS (SELECT 1 FROM ended)
$$;
--> statement-breakpoint

-- Ends all sign-ins of a person but `p_except` (null: all); says how many.
CREATE FUNCTION auth_end_sign_ins_of(p_user uuid, p_except uuid) RETURNS integer
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH ended AS (
    UPDATE sign_ins SET ended_at = now()
    WHERE user_id = p_user AND ended_at IS NULL AND id IS DISTINCT FROM p_except RETURNING 1)
  SELECT count(*)::integer FROM ended
$$;
--> statement-breakpoint

-- Counts one failure of a subject in its window and says how many there are now. Counted before the
-- password is checked, so that a hundred guesses at once are a hundred failures.
CREATE FUNCTION auth_record_failure(p_subject bytea, p_window_minutes integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  counted integer;
BEGIN
  -- Whoever guesses at invented e-mails must not fill the table.
  DELETE FROM sign_in_failures WHERE subject IN (
    SELECT f.subject FROM sign_in_failures f
    WHERE f.window_started_at < now() - make_interval(mins => p_window_minutes)
      AND f.subject <> p_subject
    LIMIT 20 FOR UPDATE SKIP LOCKED);
  INSERT INTO sign_in_failures AS f (subject, failures) VALUES (p_subject, 1)
  ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN f.window_started_at < now() - make_interval(mins => p_window_minutes)
      THEN 1 ELSE f.failures + 1 END,
    window_started_at = CASE
      WHEN f.window_started_at < now() - make_interval(mins => p_window_minutes)
      THEN now() ELSE f.window_started_at END
  RETURNING f.failures INTO counted;
  RETURN counted;
END $$;
--> statement-breakpoint

-- Takes back `p_count` failures of a subject; null takes back all.
CREATE FUNCTION auth_clear_failures(p_subject bytea, p_count integer) RETURNS void
LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp AS $$
  UPDATE sign_in_failures SET failures = greatest(0, failures - coalesce(p_count, failures))
  WHERE subject = p_subject
$$;
--> statement-breakpoint

-- Until when one of these subjects waits, and null when none does.
CREATE FUNCTION auth_blocked_until(
  p_subjects bytea[], p_failures_max integer, p_window_minutes integer) RETURNS timestamptz
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT max(window_started_at + make_interval(mins => p_window_minutes))
  FROM sign_in_failures
  WHERE subject = ANY (p_subjects) AND failures >= p_failures_max
    AND window_started_at > now() - make_interval(mins => p_window_minutes)
$$;
--> statement-breakpoint

-- The key whose secret hashes to this, in whatever state it is, or no row. The tenant's own table is
-- read under that tenant, and the caller's tenant is put back.
CREATE FUNCTION auth_find_key(p_secret_hash bytea)
RETURNS TABLE (tenant_id uuid, key_id uuid, kind text, name text, tools text[], agent_id uuid,
  agent_slug text, is_revoked boolean, is_expired boolean, is_agent_disabled boolean)
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  caller_tenant text := coalesce(current_setting('app.tenant', true), '');
  found_tenant uuid;
BEGIN
  SELECT i.tenant_id INTO found_tenant FROM api_key_index i WHERE i.secret_hash = p_secret_hash;
  IF found_tenant IS NULL THEN
    RETURN;
  END IF;
  PERFORM set_config('app.tenant', found_tenant::text, true);
  RETURN QUERY SELECT k.tenant_id, k.id, k.kind, k.name, k.tools, k.agent_id, a.slug,
      k.revoked_at IS NOT NULL, coalesce(k.expires_at <= now(), false),
      coalesce(a.state <> 'active', k.kind = 'agent')
    FROM api_keys k LEFT JOIN agents a ON a.tenant_id = k.tenant_id AND a.id = k.agent_id
    WHERE k.tenant_id = found_tenant AND k.secret_hash = p_secret_hash;
  PERFORM set_config('app.tenant', caller_tenant, true);
END $$;
