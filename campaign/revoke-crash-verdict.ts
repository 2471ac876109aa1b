import { setTimeout as wait } from 'node:timers/promises';
import { decodeJwt } from 'jose';
import type { Sql } from 'postgres';
import { idOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { countRows } from './crash-database.ts';
import type { CrashProvider } from './revoke-crash-provider.ts';
import type { FamilyCredential } from './revoke-crash-scene.ts';

/** What was answered to those who revoke and to those who ask about leases. */
export interface RevokeLedger {
  readonly credentials: Map<string, FamilyCredential>;
  /** Of which the revocation was acknowledged. */
  readonly revoked: Set<string>;
  /** Slugs of agents of which the containment was acknowledged. */
  readonly contained: Set<string>;
  /** Credentials that a containment shows otherwise than proven or unverifiable, as they are. */
  itemsUntrue: number;
  /** Leases called active after the acknowledgement of what killed them. */
  leasesAlive: number;
  /** Leases of what nobody revoked that were called dead. */
  leasesLost: number;
  /** Called revoked, or confirmed by its provider, while the provider honoured it. */
  shownTooSoon: number;
}

/** The state of each credential as the API shows it. */
export type ShownStates = ReadonlyMap<string, string>;

/** What stands against what is so; every number is a fault. */
export type RevokeVerdict = Readonly<
  Record<
    | 'leasesAlive'
    | 'leasesLost'
    | 'shownTooSoon'
    | 'requestsLost'
    | 'revokedUnasked'
    | 'leftAlive'
    | 'leftUnproven'
    | 'verifiedUnproven'
    | 'shownUnproven'
    | 'itemsUntrue'
    | 'unended'
    | 'endUntold'
    | 'stepsDoubled'
    | 'movesBroken'
    | 'requestsMisaudited',
    number
  >
>;

/** From when everything is up again: a claim of the dead has to run out, and an attempt may fail once. */
const endsWithinMs = limits.revocationClaimMs + 30_000;

const hurriedAfterMs = 2_000;

/** When a JWT ends by its own word, milliseconds since 1970. */
const endOf = (token: string): number => (decodeJwt(token).exp ?? 0) * 1000;

/** Whether the provider would serve it now. A JWT is good at every tool until its time is over. */
async function isHonoured(provider: CrashProvider, { kind, token }: FamilyCredential) {
  if (kind === 'opaque') return provider.hasToken(token);
  return endOf(token) > Date.now();
}

/** Those of these that the provider honours after all: asked later than they were called dead. */
async function countHonoured(provider: CrashProvider, ledger: RevokeLedger, ids: Iterable<string>) {
  let honoured = 0;
  for (const id of ids) {
    const credential = ledger.credentials.get(id);
    if (credential && (await isHonoured(provider, credential))) honoured += 1;
  }
  return honoured;
}

/**
 * How many the provider honours that are called revoked at this moment, by the API or in the tables, or of
 * which the tables say that the provider confirmed it.
 */
export async function countShownTooSoon(
  sql: Sql,
  provider: CrashProvider,
  ledger: RevokeLedger,
  shown: ShownStates,
): Promise<number> {
  const called = new Set([...shown].flatMap(([id, state]) => (state === 'revoked' ? [id] : [])));
  const parts = await sql<{ id: string; is_proven: boolean }[]>`select credential_id as id,
    state = 'verified' or verified_at is not null as is_proven from revocations
    where target = 'provider' and (state in ('verified', 'confirmed') or verified_at is not null)`;
  for (const { id: uuid, is_proven: isProven } of parts) {
    const id = idOf('credential', uuid);
    // A server that confirms a JWT has forgotten it; the tools have not.
    if (isProven || ledger.credentials.get(id)?.kind === 'opaque') called.add(id);
  }
  return countHonoured(provider, ledger, called);
}

/**
 * Waits until nothing of any revocation is left to do.
 * @param isHurried claims that a dead worker left are over after two seconds, by moving their time
 */
export async function waitForEnds(sql: Sql, isHurried: boolean): Promise<void> {
  const isOver = async () => (await countRows(sql, unended)) === 0;
  const startedMs = Date.now();
  for (let isDue = isHurried; Date.now() < startedMs + endsWithinMs; await wait(250)) {
    if (await isOver()) return;
    if (!isDue || Date.now() < startedMs + hurriedAfterMs) continue;
    isDue = false;
    await sql`update revocations set claimed_until = clock_timestamp()
      where claimed_until > clock_timestamp()`;
  }
}

const unended = `select 1 from revocations where next_attempt_at is not null`;

/** Compares what is stored and shown with what was answered and with what the provider says. */
export async function judgeRevoke(
  sql: Sql,
  provider: CrashProvider,
  ledger: RevokeLedger,
  shown: ShownStates,
): Promise<RevokeVerdict> {
  const parts = await sql<Part[]>`select id, credential_id, target, state, verified_at is not null
    as is_verified, last_valid_at from revocations`;
  const requested = await sql<{ id: string }[]>`select id from credentials
    where revoke_requested_at is not null`;
  const requestedIds = new Set(requested.map(({ id }) => idOf('credential', id)));
  const unrevoked = [...ledger.credentials.keys()].filter((id) => !ledger.revoked.has(id));
  const opaque = [...ledger.revoked].filter((id) => ledger.credentials.get(id)?.kind === 'opaque');
  return {
    leasesAlive: ledger.leasesAlive,
    leasesLost: ledger.leasesLost,
    shownTooSoon: ledger.shownTooSoon,
    requestsLost: [...ledger.revoked].filter(
      (id) => !requestedIds.has(id) || partsOf(parts, id).length !== 2,
    ).length,
    revokedUnasked:
      unrevoked.filter((id) => requestedIds.has(id) || partsOf(parts, id).length > 0).length +
      (unrevoked.length - (await countHonoured(provider, ledger, unrevoked))),
    leftAlive: await countHonoured(provider, ledger, opaque),
    leftUnproven: opaque.filter((id) => shown.get(id) !== 'revoked').length,
    verifiedUnproven: await countRows(sql, verifiedUnproven),
    shownUnproven: [...shown].filter(
      ([id, state]) =>
        state === 'revoked' && !partsOf(parts, id).every((part) => part.state === 'verified'),
    ).length,
    itemsUntrue: ledger.itemsUntrue,
    unended: await countRows(sql, unended),
    endUntold: parts.filter((part) => isEndUntold(ledger, part)).length,
    stepsDoubled: await countRows(sql, stepsDoubled),
    movesBroken: await countBrokenMoves(sql, parts),
    requestsMisaudited: await countRows(sql, requestsMisaudited),
  };
}

interface Part {
  readonly id: string;
  readonly credential_id: string;
  readonly target: string;
  readonly state: string;
  readonly is_verified: boolean;
  readonly last_valid_at: Date | null;
}

const partsOf = (parts: readonly Part[], credentialId: string) =>
  parts.filter((part) => idOf('credential', part.credential_id) === credentialId);

/** What could not be proven says until when it may live: of a JWT that is known to the second. */
function isEndUntold(ledger: RevokeLedger, part: Part): boolean {
  const credential = ledger.credentials.get(idOf('credential', part.credential_id));
  if (credential?.kind !== 'jwt' || part.target !== 'provider') return false;
  return part.state !== 'unverifiable' || part.last_valid_at?.getTime() !== endOf(credential.token);
}

/** Verified without a refused probe behind the call; or, at a provider, without a probe that saw it live. */
const verifiedUnproven = `
  select 1 from revocations r where (r.state = 'verified' or r.verified_at is not null) and not (
    r.state = 'verified' and r.verified_at is not null and exists (
      select 1 from revocation_steps p join revocation_steps s on s.revocation_id = p.revocation_id
        and s.step = 'sent' and s.verdict = 'confirmed' and s.at < p.at
      where p.revocation_id = r.id and p.step = 'probed' and p.verdict = 'dead'
        and (r.target = 'leases' or exists (select 1 from revocation_steps b
          where b.revocation_id = r.id and b.step = 'probed_before' and b.verdict = 'live'
            and b.at < s.at))))`;

/** The provider may be asked twice; what it was asked for is kept once. */
const stepsDoubled = `
  select 1 from revocation_steps where step = 'requested' or (step = 'sent' and verdict = 'confirmed')
    or (step = 'probed' and verdict = 'dead') or (step = 'probed_before' and verdict = 'live')
  group by revocation_id, step having count(*) > 1`;

/** Each credential that is being revoked was asked for in one audit row, and no other was. */
const requestsMisaudited = `
  select subject_id from audit_log where action = 'credential.revoke_requested'
    group by subject_id having count(*) > 1
  union all select c.id::text from credentials c where c.revoke_requested_at is not null
    and (select count(*) from audit_log l where l.action = 'credential.revoke_requested'
      and l.detail->>'name' = c.name) <> 1`;

/** Revocations whose moves in the audit log do not lead, one by one, to where they stand. */
async function countBrokenMoves(sql: Sql, parts: readonly Part[]): Promise<number> {
  const rows = await sql<{ id: string; before: string; after: string }[]>`
    select detail->>'revocation' as id, detail->>'from' as before, detail->>'to' as after
    from audit_log where action = 'credential.revocation_moved' order by seq`;
  const standing = new Map<string, string>();
  const broken = new Set<string>();
  for (const { id, before, after } of rows) {
    if ((standing.get(id) ?? 'requested') !== before) broken.add(id);
    standing.set(id, after);
  }
  for (const part of parts) {
    const id = idOf('revocation', part.id);
    if ((standing.get(id) ?? 'requested') !== part.state) broken.add(id);
  }
  return broken.size;
}
