CREATE TABLE "action_edits" (
	"tenant_id" uuid NOT NULL,
	"action_id" uuid NOT NULL,
	"version" integer NOT NULL,
	"editor_user_id" uuid NOT NULL,
	"editor_label" text NOT NULL,
	"reason" text NOT NULL,
	"digest_before" text NOT NULL,
	"digest" text NOT NULL,
	"risk_score_before" integer NOT NULL,
	"risk_band_before" text NOT NULL,
	"risk_score" integer NOT NULL,
	"risk_band" text NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "action_edits_tenant_id_action_id_version_pk" PRIMARY KEY("tenant_id","action_id","version")
);
--> statement-breakpoint
ALTER TABLE "action_edits" ENABLE ROW LEVEL SECURITY;--> statement-breakpoint
ALTER TABLE "sealed_arguments" ADD COLUMN "version" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "sealed_arguments" DROP CONSTRAINT "sealed_arguments_tenant_id_action_id_pk";--> statement-breakpoint
ALTER TABLE "votes" DROP CONSTRAINT "votes_tenant_id_approval_id_user_id_pk";--> statement-breakpoint
ALTER TABLE "sealed_arguments" ADD CONSTRAINT "sealed_arguments_tenant_id_action_id_version_pk" PRIMARY KEY("tenant_id","action_id","version");--> statement-breakpoint
ALTER TABLE "votes" ADD CONSTRAINT "votes_tenant_id_approval_id_user_id_digest_pk" PRIMARY KEY("tenant_id","approval_id","user_id","digest");--> statement-breakpoint
ALTER TABLE "actions" ADD COLUMN "edits" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "action_edits" ADD CONSTRAINT "action_edits_tenant_id_action_id_actions_tenant_id_id_fk" FOREIGN KEY ("tenant_id","action_id") REFERENCES "public"."actions"("tenant_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE POLICY "tenant_isolation" ON "action_edits" AS PERMISSIVE FOR ALL TO public USING (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid) WITH CHECK (tenant_id = nullif(current_setting('app.tenant', true), '')::uuid);
--> statement-breakpoint
-- Row-level security binds the owner too, as on every other tenant table.
ALTER TABLE "action_edits" FORCE ROW LEVEL SECURITY;
--> statement-breakpoint
-- As it was, but for actions whose arguments were edited: every version goes, and is audited once.
CREATE OR REPLACE FUNCTION erase_sealed_arguments(p_days integer, p_limit integer) RETURNS integer
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
      FROM ended e JOIN (SELECT DISTINCT action_id FROM unsealed) u ON u.action_id = e.id
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
