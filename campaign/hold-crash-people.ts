import { editAction } from '#server/actions/edit-action.ts';
import { createHoldTools, type HoldTools } from '#server/approvals/hold-tools.ts';
import { openSecrets } from '#server/cli/make-services.ts';
import { readEnv } from '#server/kernel/env.ts';
import { createPermitKey } from '#server/permits/permit-key.ts';
import { createDb, createSql, type Db } from '#db/client.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { castVote } from '#server/approvals/cast-vote.ts';
import { readApprovalDetail } from '#server/approvals/read-approval-detail.ts';
import { addPerson } from '#server/auth/add-person.ts';
import { commandLine } from '#server/cli/actor.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import type { Actor, Ctx } from '#server/kernel/context.ts';
import { isAppError } from '#server/kernel/errors.ts';
import { newId, uuidOf } from '#server/kernel/ids.ts';
import type { CrashStack } from './crash-stack.ts';

/** The keys and people of the campaign. */
export interface HoldPeople {
  readonly agentKey: string;
  readonly serviceKey: string;
  /** As many distinct votes as the request needs; one that stands already stays. */
  readonly approve: (approvalId: string) => Promise<void>;
  /** One reviewer changes the arguments and approves them so; an edit that stands already stays. */
  readonly edit: (approvalId: string, args: Readonly<Record<string, unknown>>) => Promise<void>;
  /** Leaves people so little time for it that it may run out while they vote. */
  readonly shorten: (approvalId: string) => Promise<void>;
  /** By two distinct people. */
  readonly lift: (stopId: string) => Promise<void>;
  /** After Postgres was started again its address may be another. */
  readonly reconnect: () => void;
  readonly close: () => Promise<void>;
}

const password = 'a campaign of many crashes';

/** Makes an agent's and a service's key, two reviewers and two responders. */
export async function makeHoldPeople(stack: CrashStack): Promise<HoldPeople> {
  const owner = createDb(stack.urls().owner, { connectionsMax: 1 });
  const made: Ctx = {
    db: owner,
    tenantId: stack.tenantId,
    ...commandLine(),
  };
  const agent = await issueKey(made, { kind: 'agent', name: 'hold', agent: 'crash-payer' });
  const service = await issueKey(made, { kind: 'service', name: 'hold' });
  const people: Actor[] = [];
  for (const role of ['reviewer', 'reviewer', 'responder', 'responder'] as const) {
    const email = `${role}-${people.length}@crash.example`;
    const { userId } = await addPerson(made, { email, name: email, roles: [role], password });
    people.push({ type: 'person', userId, email, roles: [role], signInId: newId('signIn') });
  }
  await owner.$client.end({ timeout: 5 });
  let db: Db = createDb(stack.urls().app, { connectionsMax: 2 });
  const tools = await toolsOf(stack, db);
  const contexts = (from: number) =>
    people.slice(from, from + 2).map((actor): Ctx => ({
      db,
      tenantId: stack.tenantId,
      actor,
      requestId: 'hold-crash',
    }));
  return {
    agentKey: agent.key,
    serviceKey: service.key,
    approve: async (id) => {
      for (const ctx of contexts(0)) {
        const { digest, state } = await readApprovalDetail(ctx, id);
        if (state !== 'pending') return;
        await unlessDone(() =>
          castVote(ctx, { id, verdict: 'approve', reason: 'seen', digest, password }),
        );
      }
    },
    edit: async (id, args) => {
      const [ctx] = contexts(0);
      if (!ctx) throw new Error('a reviewer expected');
      const { digest, state } = await readApprovalDetail(ctx, id);
      if (state !== 'pending') return;
      const change = { id, digest, args: JSON.stringify(args), reason: 'other', password };
      await unlessDone(() => editAction(ctx, tools, change));
    },
    shorten: async (id) => {
      const sql = createSql(stack.adminUrl(), { connectionsMax: 1 });
      await sql`update approvals set expires_at = clock_timestamp() + interval '60 ms'
        where id = ${uuidOf(id)}`;
      await sql.end();
    },
    lift: async (id) => {
      for (const ctx of contexts(2)) await unlessDone(() => liftStop(ctx, id, 'campaign'));
    },
    reconnect: () => {
      void db.$client.end({ timeout: 1 }).catch(() => undefined);
      db = createDb(stack.urls().app, { connectionsMax: 2 });
    },
    close: () => db.$client.end({ timeout: 1 }),
  };
}

/** What seals and opens arguments in the doors of this stack. */
async function toolsOf({ folder, proxy }: CrashStack, db: Db): Promise<HoldTools> {
  const { derivationKey, permitKey } = await openSecrets(
    db,
    readEnv({ NODE_ENV: 'production', SIGNALBOX_DATA_DIR: folder }),
  );
  return createHoldTools({
    derivationKey,
    permitKey: await createPermitKey(permitKey),
    issuer: proxy.url,
    readCanaries: async () => null,
    readKept: async () => null,
    signals: null,
  });
}

/** A try whose answer was lost may have done it: then the next one is told so. */
async function unlessDone(work: () => Promise<unknown>): Promise<void> {
  try {
    await work();
  } catch (error) {
    if (!isAppError(error)) throw error;
    if (!['conflict', 'forbidden', 'denied', 'expired'].includes(error.code)) throw error;
  }
}
