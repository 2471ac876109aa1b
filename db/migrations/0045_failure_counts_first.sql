-- Counts first and clears away afterwards: whoever waits for a count of its own holds no other one. The
-- other way round, the two counts of one attempt, long over, waited for each other and a sign-in failed.
CREATE OR REPLACE FUNCTION auth_record_failure(p_subject bytea, p_window_minutes integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  counted integer;
BEGIN
  INSERT INTO sign_in_failures AS f (subject, failures) VALUES (p_subject, 1)
  ON CONFLICT (subject) DO UPDATE SET
    failures = CASE WHEN f.window_started_at < now() - make_interval(mins => p_window_minutes)
      THEN 1 ELSE f.failures + 1 END,
    window_started_at = CASE
      WHEN f.window_started_at < now() - make_interval(mins => p_window_minutes)
      THEN now() ELSE f.window_started_at END
  RETURNING f.failures INTO counted;
  -- Whoever guesses at invented e-mails must not fill the table.
  DELETE FROM sign_in_failures WHERE subject IN (
    SELECT f.subject FROM sign_in_failures f
    WHERE f.window_started_at < now() - make_interval(mins => p_window_minutes)
      AND f.subject <> p_subject
    LIMIT 20 FOR UPDATE SKIP LOCKED);
  RETURN counted;
END $$;
