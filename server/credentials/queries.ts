import { and, asc, eq, gt, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver, instantOrNullFromDriver } from '#db/columns.ts';
import {
  type CredentialKind,
  outsideEvidence,
  type OutsideEvidence,
  type ProviderAdapter,
  type RevocationState,
} from '#db/enums.ts';
import { credentials, providers } from '#db/schema/credentials.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { idOf, isId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { credentialState, flagCredential } from './flag-credential.ts';
import type {
  Credential,
  CredentialDetail,
  CredentialProvider,
  RevocationPreview,
} from './inventory/contract.ts';
import { offlineUntilOf } from './offline-leases.ts';
import { readFamily } from './read-family.ts';
import { readSightings } from './outside/read-sightings.ts';
import { readRevocations } from './read-revocations.ts';

interface Row extends Record<string, unknown> {
  readonly id: string;
  readonly name: string;
  readonly tool: string;
  readonly kind: CredentialKind;
  readonly scopes: string[];
  readonly environment: string | null;
  readonly owner: string | null;
  readonly provider_name: string | null;
  readonly adapter: ProviderAdapter | null;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
  readonly holders: number;
  readonly open_leases: number;
  readonly leased_scopes: string[] | null;
  readonly parts: { state: RevocationState; at_work: boolean; offline: boolean }[] | null;
  readonly offline_until: string | null;
  readonly outside: OutsideEvidence[] | null;
  readonly now_ms: number;
}

/** Credentials by name, each with its state and flags. @throws AppError `forbidden`, `bad_request` */
export async function listCredentials(
  ctx: Ctx,
  wanted: { readonly limit: number; readonly cursor: string | null },
): Promise<{ items: Credential[]; next: string | null }> {
  requirePermission(ctx, 'credentials.read');
  const rows = await withRead(ctx, (tx) =>
    selectCredentials(tx, ctx, sql`c.name > ${wanted.cursor ?? ''}`, wanted.limit + 1),
  );
  const items = rows.slice(0, wanted.limit).map(presentCredential);
  return { items, next: rows.length > wanted.limit ? (items.at(-1)?.name ?? null) : null };
}

/** One credential with its family and its revocations. @throws AppError `forbidden`, `not_found` */
export async function readCredential(ctx: Ctx, id: string): Promise<CredentialDetail> {
  requirePermission(ctx, 'credentials.read');
  if (!isId('credential', id)) throw noSuchCredential();
  return withRead(ctx, async (tx) => {
    const [row] = await selectCredentials(tx, ctx, sql`c.id = ${uuidOf(id)}::uuid`, 1);
    const [more] = await tx
      .select()
      .from(credentials)
      .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.id, id)));
    if (!row || !more) throw noSuchCredential();
    const named = { id: credentials.id, name: credentials.name };
    const [parent] =
      more.parentId === null
        ? []
        : await tx
            .select(named)
            .from(credentials)
            .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.id, more.parentId)));
    const children = await tx
      .select(named)
      .from(credentials)
      .where(and(eq(credentials.tenantId, ctx.tenantId), eq(credentials.parentId, id)))
      .orderBy(asc(credentials.name))
      .limit(limits.pageItemsMax);
    const holders = await tx.execute<{ slug: string }>(sql`
      select a.slug from credential_holders h
      join agents a on a.tenant_id = h.tenant_id and a.id = h.agent_id
      where h.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and h.credential_id = ${uuidOf(id)}::uuid
      order by a.slug limit ${limits.holdersMax}`);
    const { createdBy, externalRef, leaseSecondsMax, isActionRequired, secretWatch } = more;
    return {
      ...presentCredential(row),
      createdBy,
      externalRef,
      leaseSecondsMax,
      isActionRequired,
      secretWatch,
      sightings: await readSightings(tx, ctx, id),
      parent: parent ?? null,
      children,
      heldBy: holders.map((holder) => holder.slug),
      revocations: await readRevocations(tx, ctx, id),
    };
  });
}

/** What revoking one would reach. @throws AppError `forbidden`, `not_found` */
export async function previewRevocation(ctx: Ctx, id: string): Promise<RevocationPreview> {
  requirePermission(ctx, 'credentials.read');
  const family = isId('credential', id) ? await withRead(ctx, (tx) => readFamily(tx, ctx, id)) : [];
  if (family.length === 0) throw noSuchCredential();
  return {
    credentials: family.map((member) => ({
      id: member.id,
      name: member.name,
      tool: member.tool,
      depth: member.depth,
      isRevoked: member.isRevoked,
      holders: member.holders,
      openLeases: member.liveLeases,
      provider: providerOf(member.providerName, member.adapter),
    })),
  };
}

/** Where credentials are made, by name; never what is said there. @throws AppError `forbidden` */
export async function listProviders(ctx: Ctx): Promise<CredentialProvider[]> {
  requirePermission(ctx, 'credentials.read');
  return withRead(ctx, (tx) =>
    tx
      .select({ id: providers.id, name: providers.name, adapter: providers.adapter })
      .from(providers)
      .where(and(eq(providers.tenantId, ctx.tenantId), gt(providers.name, '')))
      .orderBy(asc(providers.name))
      .limit(limits.providersMax),
  );
}

const noSuchCredential = (): AppError =>
  new AppError('not_found', 'There is no such credential in this tenant.');

function selectCredentials(tx: Tx, ctx: Ctx, where: ReturnType<typeof sql>, limit: number) {
  return tx.execute<Row>(sql`
    select c.id, c.name, c.tool, c.kind, c.scopes, c.environment, c.created_at::text,
      c.expires_at::text, c.last_used_at::text, p.name as provider_name, p.adapter,
      (select u.email from users u join memberships m on m.user_id = u.id
        where m.tenant_id = c.tenant_id and u.id = c.owner_user_id and u.disabled_at is null) as owner,
      (select count(*) from credential_holders h where h.tenant_id = c.tenant_id
        and h.credential_id = c.id)::int as holders,
      (select count(*) from leases l where l.tenant_id = c.tenant_id and l.credential_id = c.id
        and l.ended_at is null and l.expires_at > clock_timestamp())::int as open_leases,
      (select max(${offlineUntilOf(sql`l`)})::text from leases l where l.tenant_id = c.tenant_id
        and l.credential_id = c.id and l.expires_at > clock_timestamp()) as offline_until,
      (select array_agg(distinct s.scope) from leases l cross join lateral unnest(l.scopes) s(scope)
        where l.tenant_id = c.tenant_id and l.credential_id = c.id
          and l.expires_at > clock_timestamp() - make_interval(days => ${limits.unusedDays}))
        as leased_scopes,
      (select json_agg(json_build_object('state', r.state, 'at_work', r.next_attempt_at is not null
          and r.incarnation = (select incarnation from log_incarnation),
          'offline', coalesce(r.offline_until > clock_timestamp(), false)))
        from revocations r where r.tenant_id = c.tenant_id and r.credential_id = c.id) as parts,
      (select array_agg(distinct s.evidence) from credential_sightings s
        where s.tenant_id = c.tenant_id and s.credential_id = c.id
          and s.last_at > clock_timestamp() - make_interval(days => ${limits.unusedDays}))
        as outside,
      (extract(epoch from clock_timestamp()) * 1000)::float8 as now_ms
    from credentials c
    left join credential_providers p on p.tenant_id = c.tenant_id and p.id = c.provider_id
    where c.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and ${where}
    order by c.name limit ${limit}`);
}

const providerOf = (name: string | null, adapter: ProviderAdapter | null) =>
  name === null || adapter === null ? null : { name, adapter };

const msOrNull = (text: string | null) => (text === null ? null : Date.parse(text));

function presentCredential(row: Row): Credential {
  const parts = (row.parts ?? []).map((part) => ({
    state: part.state,
    isAtWork: part.at_work,
    isTakenOffline: part.offline,
  }));
  const createdAt = instantFromDriver(row.created_at);
  const expiresAt = instantOrNullFromDriver(row.expires_at);
  const lastUsedAt = instantOrNullFromDriver(row.last_used_at);
  const provider = providerOf(row.provider_name, row.adapter);
  const expiresAtMs = msOrNull(expiresAt);
  const flags = flagCredential(
    {
      createdAtMs: Date.parse(createdAt),
      expiresAtMs,
      lastUsedAtMs: msOrNull(lastUsedAt),
      hasProvider: provider !== null,
      hasOwner: row.owner !== null,
      holders: row.holders,
      scopes: row.scopes,
      leasedScopes: row.leased_scopes ?? [],
      isSeenOutside: row.outside !== null,
    },
    row.now_ms,
  );
  return {
    id: idOf('credential', row.id),
    name: row.name,
    tool: row.tool,
    kind: row.kind,
    state: credentialState(expiresAtMs !== null && expiresAtMs <= row.now_ms, parts),
    scopes: row.scopes,
    environment: row.environment,
    owner: row.owner,
    provider,
    createdAt,
    expiresAt,
    lastUsedAt,
    holders: row.holders,
    openLeases: row.open_leases,
    offlineUntil: instantOrNullFromDriver(row.offline_until),
    flags: parts.length > 0 ? [] : flags,
    outside: outsideEvidence.filter((evidence) => row.outside?.includes(evidence) === true),
  };
}
