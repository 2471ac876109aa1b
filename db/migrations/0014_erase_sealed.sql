DROP INDEX "permits_once";--> statement-breakpoint
CREATE INDEX "actions_unerased" ON "actions" USING btree ("tenant_id","decided_at") WHERE nonce is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "permits_once" ON "permits" USING btree ("action_id","tenant_id") WHERE redeemed_at is not null;
--> statement-breakpoint
-- Destroys sealed arguments, their data key and the nonce of actions that ended p_days ago, p_limit
-- at most, of any tenant; the digest stays. Each is audited in its tenant. An action under a stop has
-- not ended: its deadlines stand still, so whatever a stop of the last p_days touched is left alone.
CREATE FUNCTION erase_sealed_arguments(p_days integer, p_limit integer) RETURNS integer
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  horizon timestamptz := clock_timestamp() - make_interval(days => p_days);
  tenant uuid;
  made integer;
  total integer := 0;
BEGIN
  IF p_days < 1 OR p_limit < 1 THEN
    RAISE EXCEPTION 'p_days and p_limit must be positive';
  END IF;
  FOR tenant IN SELECT id FROM tenants LOOP
    EXIT WHEN total >= p_limit;
    PERFORM set_config('app.tenant', tenant::text, true);
    WITH ended AS (
      SELECT a.id, a.digest FROM actions a
      LEFT JOIN approvals ap ON ap.tenant_id = a.tenant_id AND ap.action_id = a.id
      WHERE a.tenant_id = tenant AND a.nonce IS NOT NULL AND a.decided_at < horizon
        AND coalesce(greatest(ap.expires_at, ap.resolved_at, ap.use_by), a.decided_at) < horizon
        AND NOT EXISTS (SELECT 1 FROM permits p WHERE p.tenant_id = tenant AND p.action_id = a.id
          AND greatest(p.expires_at, p.redeemed_at, p.outcome_due_at) >= horizon)
        AND NOT EXISTS (SELECT 1 FROM outcomes o WHERE o.tenant_id = tenant AND o.action_id = a.id
          AND o.at >= horizon)
        AND NOT (ap.id IS NOT NULL AND EXISTS (SELECT 1 FROM stops s WHERE s.tenant_id = tenant
          AND s.placed_at < greatest(ap.expires_at, ap.use_by)
          AND (s.lifted_at IS NULL OR s.lifted_at >= horizon)))
      ORDER BY a.decided_at
      LIMIT p_limit - total
      FOR UPDATE OF a SKIP LOCKED
    ), unsealed AS (
      DELETE FROM sealed_arguments s USING ended e
      WHERE s.tenant_id = tenant AND s.action_id = e.id
      RETURNING s.action_id
    ), unsalted AS (
      UPDATE actions a SET nonce = NULL FROM ended e
      WHERE a.tenant_id = tenant AND a.id = e.id
      RETURNING a.id
    ), noted AS (
      INSERT INTO audit_log (tenant_id, id, actor_type, actor_id, actor_label, action,
        subject_type, subject_id, request_id, detail)
      SELECT tenant, gen_random_uuid(), 'system', 'system:upkeep', 'system:upkeep', 'action.erased',
        'action', 'act_' || spelt.id, 'none', jsonb_build_object('digest', e.digest)
      FROM ended e JOIN unsealed u ON u.action_id = e.id
      -- The TypeID of the uuid: 130 bits, the first two of them zero, in base 32.
      CROSS JOIN LATERAL (
        SELECT string_agg(substr('0123456789abcdefghjkmnpqrstvwxyz', 1 +
          substring(B'00' || ('x' || replace(e.id::text, '-', ''))::bit(128) FROM 5 * i + 1 FOR 5)
            ::bit(5)::integer, 1), '' ORDER BY i) AS id
        FROM generate_series(0, 25) AS i) spelt
    )
    SELECT count(*) INTO made FROM unsalted;
    total := total + made;
  END LOOP;
  PERFORM set_config('app.tenant', '', true);
  RETURN total;
END $$;
--> statement-breakpoint
REVOKE ALL ON FUNCTION erase_sealed_arguments(integer, integer) FROM PUBLIC;
