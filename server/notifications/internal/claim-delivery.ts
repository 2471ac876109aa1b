import { sql } from 'drizzle-orm';
import { instantFromDriver } from '#db/columns.ts';
import type { ActorType, ChannelKind, CredentialKind, Severity, StopScopeKind } from '#db/enums.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import type { ToldEvent } from '../compose-event.ts';
import type { ToldAlert } from '../compose-message.ts';

/** A delivery that this process has in hand. */
export interface Claimed {
  readonly id: string;
  /** Slug. */
  readonly tenant: string;
  /** This attempt's number; the first is 1. */
  readonly attempts: number;
  readonly channel: {
    readonly id: string;
    readonly kind: ChannelKind;
    readonly sealedTarget: Buffer;
  };
  readonly createdAt: string;
  /** With `event` null too: a test of the channel. */
  readonly alert: ToldAlert | null;
  readonly event: ToldEvent | null;
}

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly tenant: string;
  readonly attempts: number;
  readonly kind: ChannelKind;
  readonly sealed_target: Buffer;
  readonly alert_id: string | null;
  readonly title: string;
  readonly severity: Severity;
  readonly rule: string;
  readonly agent: string | null;
  readonly labels: string[];
  readonly count: number;
  readonly first_at: string;
  readonly opened_at: string;
  readonly created_at: string;
  readonly stop_id: string | null;
  readonly scope_kind: StopScopeKind;
  /** As the table of stops has it: `agt_…`, a name, or empty. */
  readonly scope_id: string;
  readonly placed_by_type: ActorType;
  readonly stop_reason: string;
  readonly placed_at: string;
  readonly credential_id: string | null;
  readonly credential_kind: CredentialKind;
  readonly credential_name: string;
  readonly revoke_reason: string;
  readonly verified_at: string;
}

/**
 * Takes the delivery of a channel that has been due longest, for `limits.deliveryLeaseMs`; null when
 * none is due, or another process has it. Its attempt is counted now: one that never ends, ends the
 * delivery some time as well.
 */
export async function claimDelivery(ctx: Ctx, channelId: string): Promise<Claimed | null> {
  // no-audit: what a delivery came to is written down when it is known.
  const [row] = await withTransaction(ctx, (tx) =>
    tx.execute<Row>(sql`
      with due as (
        select d.tenant_id, d.id from deliveries d
        where d.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and d.channel_id = ${uuidOf(channelId)}::uuid
          and d.state = 'unconfirmed' and d.next_at <= now()
        order by d.next_at, d.created_at limit 1 for update skip locked
      ), taken as (
        update deliveries d set attempts = d.attempts + 1,
          next_at = now() + make_interval(secs => ${limits.deliveryLeaseMs / 1000})
        from due where d.tenant_id = due.tenant_id and d.id = due.id
        returning d.tenant_id, d.id, d.channel_id, d.alert_id, d.stop_id, d.credential_id,
          d.attempts, d.created_at
      )
      select taken.id, t.slug as tenant, taken.attempts, c.kind, c.sealed_target, taken.alert_id,
        a.title, a.severity, r.slug as rule, a.agent_slug as agent, a.labels, a.count,
        a.first_at::text as first_at, a.opened_at::text as opened_at,
        taken.created_at::text as created_at, taken.stop_id, s.scope_kind, s.scope_id,
        s.placed_by_type, s.reason as stop_reason, s.placed_at::text as placed_at,
        taken.credential_id, k.kind as credential_kind, k.name as credential_name,
        death.reason as revoke_reason, death.at::text as verified_at
      from taken join tenants t on t.id = taken.tenant_id
      join channels c on c.tenant_id = taken.tenant_id and c.id = taken.channel_id
      left join alerts a on a.tenant_id = taken.tenant_id and a.id = taken.alert_id
      left join rules r on r.tenant_id = a.tenant_id and r.id = a.rule_id
      left join stops s on s.tenant_id = taken.tenant_id and s.id = taken.stop_id
      left join credentials k on k.tenant_id = taken.tenant_id and k.id = taken.credential_id
      left join lateral (select max(greatest(v.verified_at, v.offline_until)) as at, min(v.reason) as reason
        from revocations v where v.tenant_id = taken.tenant_id
          and v.credential_id = taken.credential_id) death on true`),
  );
  if (row === undefined) return null;
  return {
    id: idOf('delivery', row.id),
    tenant: row.tenant,
    attempts: row.attempts,
    channel: { id: channelId, kind: row.kind, sealedTarget: row.sealed_target },
    createdAt: instantFromDriver(row.created_at),
    alert: alertOf(row),
    event: eventOf(row),
  };
}

function alertOf(row: Row): ToldAlert | null {
  if (row.alert_id === null) return null;
  const { title, severity, rule, agent, labels, count } = row;
  return {
    id: idOf('alert', row.alert_id),
    title,
    severity,
    rule,
    agent,
    labels,
    count,
    firstAt: instantFromDriver(row.first_at),
    openedAt: instantFromDriver(row.opened_at),
  };
}

function eventOf(row: Row): ToldEvent | null {
  if (row.stop_id !== null) {
    return {
      type: 'session_revoked',
      stopId: idOf('stop', row.stop_id),
      scopeKind: row.scope_kind,
      scopeId: row.scope_id,
      reason: row.stop_reason,
      placedBy: row.placed_by_type,
      at: instantFromDriver(row.placed_at),
    };
  }
  if (row.credential_id === null) return null;
  return {
    type: 'credential_revoked',
    credentialId: idOf('credential', row.credential_id),
    kind: row.credential_kind,
    name: row.credential_name,
    reason: row.revoke_reason,
    at: instantFromDriver(row.verified_at),
  };
}
