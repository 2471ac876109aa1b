import { and, eq, or, sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import type { ReceivedOutcome, ReceivedTarget } from '#db/enums.ts';
import { agents } from '#db/schema/agents.ts';
import { credentials } from '#db/schema/credentials.ts';
import { memberships, users } from '#db/schema/tenancy.ts';
import { endSignInsOf } from '#server/auth/end-sign-ins-of.ts';
import { endAgentLeases } from '#server/credentials/end-agent-leases.ts';
import { revokeToldIn } from '#server/credentials/revoke-credential.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { isId } from '#server/kernel/ids.ts';
import type { AskedEvent } from './read-event.ts';
import type { NamedSubject } from './read-subject.ts';

/** What an event came to: nothing beyond what the verb behind it proves. */
export interface Effect {
  readonly outcome: ReceivedOutcome;
  readonly says: string;
  readonly target: ReceivedTarget | null;
  readonly targetId: string | null;
}

/** An event that may act, and whom it is about. */
export interface Told {
  readonly event: AskedEvent;
  readonly subject: NamedSubject;
  /** For those who later ask why. */
  readonly cause: string;
}

const without = (outcome: 'nothing' | 'not_understood', says: string): Effect => ({
  outcome,
  says,
  target: null,
  targetId: null,
});
const notOurs = without('nothing', 'Its subject is nobody and nothing of this tenant.');

/**
 * Does what an event tells, by the verbs that people's own deeds go through, in the caller's transaction.
 * @throws AppError `forbidden`
 */
export async function applyEvent(tx: Tx, ctx: Ctx, told: Told): Promise<Effect> {
  const { event, subject } = told;
  if (event.kind === 'verification') return without('nothing', 'A test of the way here: it works.');
  if (event.kind === 'unknown') {
    return without('not_understood', 'Events of this type are kept, and not acted on.');
  }
  if (subject.kind === 'foreign') return notOurs;
  if (subject.kind === 'unreadable') return without('not_understood', `Nothing: ${subject.why}.`);
  if (event.kind === 'credential_change') {
    return event.isDeath
      ? revokeNamed(tx, ctx, told)
      : without('nothing', 'Only credentials that are revoked or deleted are acted on.');
  }
  switch (subject.kind) {
    case 'email':
      return endSignIns(tx, ctx, subject.email);
    case 'session': {
      const { sessionId } = subject;
      const of = { agentId: null, sessionIds: [sessionId] };
      const ended = await endAgentLeases(tx, ctx, of, 'session_revoked');
      return leasesEnded(ended, 'session', sessionId);
    }
    case 'name': {
      const agent = await findAgent(tx, ctx, subject.name);
      if (agent === null) return notOurs;
      const sessionIds = subject.sessionId === null ? null : [subject.sessionId];
      const of = { agentId: agent.id, sessionIds };
      return leasesEnded(await endAgentLeases(tx, ctx, of, 'session_revoked'), 'agent', agent.slug);
    }
  }
}

const counted = (count: number, word: string) => `${count} ${word}${count === 1 ? '' : 's'}`;

/** That a lease was ended is its death: each introspection reads the row. */
function leasesEnded(ended: number, target: ReceivedTarget, targetId: string): Effect {
  return ended === 0
    ? { outcome: 'nothing', says: 'It held no live lease.', target, targetId }
    : { outcome: 'confirmed', says: `Ended ${counted(ended, 'lease')}.`, target, targetId };
}

async function endSignIns(tx: Tx, ctx: Ctx, email: string): Promise<Effect> {
  const [person] = await tx
    .select({ id: users.id })
    .from(users)
    .innerJoin(memberships, eq(memberships.userId, users.id))
    .where(
      and(eq(memberships.tenantId, ctx.tenantId), sql`lower(${users.email}) = lower(${email})`),
    );
  if (person === undefined) return notOurs;
  const ended = await endSignInsOf(tx, ctx, person.id);
  const of = { target: 'person', targetId: person.id } as const;
  return ended === 0
    ? { outcome: 'nothing', says: 'They were not signed in.', ...of }
    : { outcome: 'confirmed', says: `Ended ${counted(ended, 'sign-in')}.`, ...of };
}

async function revokeNamed(tx: Tx, ctx: Ctx, { subject, cause }: Told): Promise<Effect> {
  if (subject.kind !== 'name' || subject.sessionId !== null) return notOurs;
  const id = await findCredential(tx, ctx, subject.name);
  if (id === null) return notOurs;
  const changed = await revokeToldIn(tx, ctx, { id, reason: cause });
  const says =
    changed === 0
      ? 'It was being revoked already.'
      : `Revoking ${counted(changed, 'credential')}; each is dead only on proof.`;
  return { outcome: 'requested', says, target: 'credential', targetId: id };
}

async function findAgent(tx: Tx, ctx: Ctx, name: string) {
  const named = isId('agent', name) ? eq(agents.id, name) : eq(agents.slug, name);
  const [agent] = await tx
    .select({ id: agents.id, slug: agents.slug })
    .from(agents)
    .where(and(eq(agents.tenantId, ctx.tenantId), named));
  return agent ?? null;
}

/** By our id, or by its provider's own name of it where only one is called so; null without such a one. */
async function findCredential(tx: Tx, ctx: Ctx, name: string): Promise<string | null> {
  const named = isId('credential', name)
    ? or(eq(credentials.id, name), eq(credentials.externalRef, name))
    : eq(credentials.externalRef, name);
  const [found, another] = await tx
    .select({ id: credentials.id })
    .from(credentials)
    .where(and(eq(credentials.tenantId, ctx.tenantId), named))
    .limit(2);
  return found === undefined || another !== undefined ? null : found.id;
}
