import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { instantFromDriver } from '#db/columns.ts';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { agentOf } from '#server/auth/requesting-agent.ts';
import type { GateSubject } from '#server/gate/contract.ts';
import { type Coverage, readCoverage } from '#server/gate/read-coverage.ts';
import { isStopFilePresent } from '#server/gate/stop-file.ts';
import { haltedBy, refuseUnderStopFile, withGate } from '#server/gate/with-gate.ts';
import { isStoreError } from '#server/http/problem.ts';
import { type Ctx, withRead, withTransaction } from '#server/kernel/context.ts';
import { AppError, isAppError } from '#server/kernel/errors.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import { limits } from '#server/kernel/limits.ts';
import { chooseCredential } from './choose-credential.ts';
import type { IssuedLease, LeaseInput } from './contract.ts';
import { type LeaseTools, mintLeaseJwt } from './lease-jwt.ts';
import { mintLeaseToken } from './lease-token.ts';
import {
  type LeaseAction,
  type LeaseWish,
  readLeaseAction,
  readOptions,
  readPrincipal,
} from './read-lease-wish.ts';

/**
 * Issues a lease to an agent: a token for one tool and some scopes, minutes long. The agent, its
 * key, the credential and the action are read again behind the gate and under shared locks, whatever the
 * door knew of them a moment ago: of a disable, a revocation or a stop that runs beside it, either this
 * sees it or it waits for this. There is no other way to a lease, and none to renew one.
 * @throws AppError `forbidden`, `not_found` where no credential is open to it, `denied`, `halted`,
 *   `rate_limited` for too many live ones, `conflict` when something changed meanwhile
 */
export async function issueLease(
  ctx: Ctx,
  tools: LeaseTools,
  input: LeaseInput,
): Promise<IssuedLease> {
  requirePermission(ctx, 'leases.issue');
  const { agent, keyId } = agentOf(ctx);
  const wish: LeaseWish = {
    agentId: agent.id,
    keyId,
    tool: input.tool,
    actionId: input.actionId ?? null,
  };
  try {
    // Before the first look into the database, which may be away.
    refuseUnderStopFile();
    const subject = await withRead(ctx, async (tx) => {
      try {
        return await foresee(tx, ctx, wish, input);
      } catch (error) {
        await refuseIfStopped(tx, ctx, wish);
        throw error;
      }
    });
    return await withGate(ctx, subject, (tx, coverage) =>
      insertLease(tx, ctx, { tools, wish, input, subject, coverage }),
    );
  } catch (error) {
    if (isAppError(error)) await auditRefusal(ctx, agent.id, input, error);
    throw error;
  }
}

/** One sentence for all of them: which credentials there are is no agent's business. */
const notOpen = (cause: string) =>
  new AppError(
    'not_found',
    'No credential of this tool is open to this agent for these scopes; ask its owner.',
    { cause },
  );

const deadPrincipal = (cause: string) =>
  new AppError('denied', 'This agent is disabled, or its key is dead; ask an administrator.', {
    cause,
  });

/** Who asks under a stop is told of the stop, and of nothing that is wrong beside it. */
async function refuseIfStopped(tx: Tx, ctx: Ctx, { agentId, tool }: LeaseWish): Promise<void> {
  const subject = { agentId, environment: null, sessionId: null, tool };
  const { standing } = await readCoverage(tx, ctx, subject);
  if (standing !== null) throw haltedBy(standing);
}

/** Which stops would cover the lease: found before the gate, checked again behind it. */
async function foresee(
  tx: Tx,
  ctx: Ctx,
  wish: LeaseWish,
  input: LeaseInput,
): Promise<GateSubject & { environment: string }> {
  const principal = await readPrincipal(tx, ctx, wish, false);
  if (principal === null) throw deadPrincipal('no_principal');
  const { environment } = principal;
  const { id: credentialId } = choose(await readOptions(tx, ctx, wish, false), {
    scopes: input.scopes,
    environment,
  });
  const action = await readLeaseAction(tx, ctx, wish);
  const sessionId = action?.sessionId ?? null;
  return { agentId: wish.agentId, environment, sessionId, tool: wish.tool, credentialId };
}

type Options = Awaited<ReturnType<typeof readOptions>>;

function choose(
  options: Options,
  wanted: { readonly scopes: readonly string[]; readonly environment: string },
): Options[number] {
  const choice = chooseCredential(options, wanted);
  if ('none' in choice) throw notOpen(choice.none);
  const found = options.find((option) => option.id === choice.chosen.id);
  if (found === undefined) throw notOpen('no_credential');
  return found;
}

interface Attempt {
  readonly tools: LeaseTools;
  readonly wish: LeaseWish;
  readonly input: LeaseInput;
  readonly subject: GateSubject & { environment: string };
  readonly coverage: Coverage;
}

async function insertLease(tx: Tx, ctx: Ctx, attempt: Attempt): Promise<IssuedLease> {
  const { wish, input, subject } = attempt;
  const principal = await readPrincipal(tx, ctx, wish, true);
  if (principal === null) throw deadPrincipal('no_principal');
  if (!principal.isAgentActive) throw deadPrincipal('agent_disabled');
  if (!principal.isKeyLive) throw deadPrincipal('key_revoked');
  const credential = choose(await readOptions(tx, ctx, wish, true), {
    scopes: input.scopes,
    environment: principal.environment,
  });
  const action = await readLeaseAction(tx, ctx, wish);
  const isForeseen =
    principal.environment === subject.environment &&
    credential.id === subject.credentialId &&
    (action?.sessionId ?? null) === subject.sessionId;
  // Another stop could cover what it has become; the gate was asked for what it was.
  if (!isForeseen) throw new AppError('conflict', 'Something changed meanwhile; ask again.');
  await refuseWithoutPermit(tx, ctx, attempt, { action, ...credential });
  await requireRoom(tx, ctx, wish.agentId);
  const isJwt = input.tokenFormat === 'jwt';
  const secondsMax = Math.min(
    credential.leaseSecondsMax,
    isJwt ? limits.jwtLeaseSecondsMax : limits.leaseSecondsMax,
  );
  const seconds = Math.min(input.ttlSeconds, secondsMax);
  const made = { credentialId: credential.id, action, seconds };
  const token = isJwt ? await mintJwt(tx, ctx, attempt, { ...credential, seconds }) : null;
  return storeLease(tx, ctx, attempt, { ...made, ...(token ?? mintOpaque(seconds)) });
}

/** An action that is named must be the agent's own and hold a permit that no stop has ended. */
async function refuseWithoutPermit(
  tx: Tx,
  ctx: Ctx,
  { wish, subject }: Attempt,
  { action, isActionRequired }: { action: LeaseAction | null; isActionRequired: boolean },
): Promise<void> {
  if (wish.actionId === null && !isActionRequired) return;
  if (action === null || action.permit === null) {
    throw new AppError(
      'denied',
      'A lease of this kind is for an action of this tool that holds a permit; ask for the action first.',
      { cause: 'no_permit' },
    );
  }
  const since = await readCoverage(tx, ctx, subject, action.permit.issuedAt);
  if (since.standing !== null) throw haltedBy(since.standing);
  if (since.lastEpoch > action.permit.epoch) {
    throw new AppError('halted', 'A stop ended the permit of this action; read the action again.', {
      extras: { epoch: since.lastEpoch },
    });
  }
}

async function requireRoom(tx: Tx, ctx: Ctx, agentId: string): Promise<void> {
  const [row] = await tx.execute<{ live: number }>(sql`
    select count(*)::int as live from (select 1 from leases
      where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and agent_id = ${uuidOf(agentId)}::uuid
        and expires_at > clock_timestamp() and ended_at is null
      limit ${limits.leasesPerAgentMax}) l`);
  if ((row?.live ?? 0) < limits.leasesPerAgentMax) return;
  throw new AppError(
    'rate_limited',
    `An agent holds ${limits.leasesPerAgentMax} live leases at most; give some back.`,
    { retryAfterSeconds: 60 },
  );
}

/** A token with its times: expressions over the moment `moment.at` at which the row is written. */
interface MintedToken {
  readonly id: string;
  readonly token: string;
  readonly hash: Buffer;
  readonly expiresAt: ReturnType<typeof sql>;
}

function mintOpaque(seconds: number): MintedToken {
  const id = newId('lease');
  const expiresAt = sql`moment.at + make_interval(secs => ${seconds}::int)`;
  return { id, ...mintLeaseToken(id), expiresAt };
}

/**
 * A JWT, whose times are in it and so are read before: whole seconds, and never past the end of its
 * credential, because nobody tells whoever checks it alone of that end.
 * @throws AppError `not_found` in the credential's last second
 */
async function mintJwt(
  tx: Tx,
  ctx: Ctx,
  { tools, wish, input }: Attempt,
  { id: credentialId, seconds }: { readonly id: string; readonly seconds: number },
): Promise<MintedToken> {
  const [row] = await tx.execute<{ slug: string; iat: number; exp: number }>(sql`
    select a.slug, floor(extract(epoch from now_at))::float8 as iat,
      floor(least(extract(epoch from now_at) + ${seconds}::int,
        extract(epoch from c.expires_at)))::float8 as exp
    from (select clock_timestamp() as now_at offset 0) moment, agents a, credentials c
    where a.tenant_id = ${uuidOf(ctx.tenantId)}::uuid and a.id = ${uuidOf(wish.agentId)}::uuid
      and c.tenant_id = a.tenant_id and c.id = ${uuidOf(credentialId)}::uuid`);
  if (!row) throw new Error('the agent or the credential of a lease is gone');
  const { slug, iat, exp } = row;
  // It would be dead from its first second on.
  if (exp <= iat) throw notOpen('credential_expiring');
  const id = newId('lease');
  const { tool } = wish;
  const minted = mintLeaseJwt(tools, {
    sub: wish.agentId,
    client_id: slug,
    aud: tool,
    tool,
    iat,
    exp,
    jti: id,
    scope: input.scopes.join(' '),
    ten: ctx.tenantId,
  });
  return { id, ...minted, expiresAt: sql`to_timestamp(${exp}::float8)` };
}

async function storeLease(
  tx: Tx,
  ctx: Ctx,
  { wish, input, subject, coverage }: Attempt,
  made: MintedToken & { credentialId: string; action: LeaseAction | null; seconds: number },
): Promise<IssuedLease> {
  const { id, token, hash, credentialId, action, seconds } = made;
  const [row] = await tx.execute<{ expires_at: string }>(sql`
    insert into leases (tenant_id, id, token_hash, token_format, credential_id, agent_id, key_id, tool, scopes,
      environment, session_id, action_id, epoch, issued_at, expires_at)
    select ${uuidOf(ctx.tenantId)}::uuid, ${uuidOf(id)}::uuid, ${hash}, ${input.tokenFormat},
      ${uuidOf(credentialId)}::uuid,
      ${uuidOf(wish.agentId)}::uuid, ${uuidOf(wish.keyId)}::uuid, ${wish.tool},
      ${sql.param(input.scopes)}::text[], ${subject.environment}, ${subject.sessionId},
      ${action === null ? null : uuidOf(action.id)}::uuid, ${coverage.epoch}::bigint, moment.at,
      ${made.expiresAt}
    from (select clock_timestamp() as at offset 0) moment
    returning expires_at::text`);
  if (!row) throw new Error('the lease was not stored');
  await writeAudit(tx, ctx, {
    action: 'lease.issued',
    subject: { type: 'lease', id },
    decision: 'allow',
    detail: {
      credential: credentialId,
      tool: wish.tool,
      scopes: input.scopes,
      seconds,
      ...(input.tokenFormat === 'jwt' ? { tokenFormat: 'jwt' } : {}),
      action: wish.actionId,
      sessionId: subject.sessionId,
    },
  });
  return { id, token, expiresAt: instantFromDriver(row.expires_at) };
}

/** Which tool, who tried, and why not; outside of the transaction that was undone. */
async function auditRefusal(
  ctx: Ctx,
  agentId: string,
  input: LeaseInput,
  refusal: AppError,
): Promise<void> {
  const noted = withTransaction(ctx, (tx) =>
    writeAudit(tx, ctx, {
      action: 'lease.refused',
      subject: { type: 'agent', id: agentId },
      decision: 'deny',
      cause: refusal.code,
      detail: {
        tool: input.tool,
        scopes: input.scopes,
        why: typeof refusal.cause === 'string' ? refusal.cause : refusal.code,
      },
    }),
  );
  await noted.catch((error: unknown) => {
    // The stop file halts without a database too: its word must not become "try again later".
    if (!(isStopFilePresent() && isStoreError(error))) throw error;
  });
}
