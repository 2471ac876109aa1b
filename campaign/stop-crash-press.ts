import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { createSql } from '#db/client.ts';
import { idOf, uuidOf } from '#server/kernel/ids.ts';
import type { CrashBlow } from './crash-blow.ts';
import { countRows, withAdminPatiently } from './crash-database.ts';
import type { CrashDoors } from './crash-doors.ts';
import type { CrashStack } from './crash-stack.ts';
import type { CrashSteps } from './crash-steps.ts';
import { ask } from './stop-crash-agents.ts';
import { until } from './stop-crash-crew.ts';
import type { StopLedger } from './stop-crash-ledger.ts';
import type { StopStep } from './stop-crash-plan.ts';
import type { Crew, StopScene } from './stop-crash-scene.ts';

const placedSchema = z.looseObject({
  id: z.string(),
  epoch: z.number(),
  state: z.string(),
  changed: z.boolean(),
});
export type Pressed = z.infer<typeof placedSchema>;

const patienceMs = 30_000;
const pressSteps: readonly StopStep[] = ['way', 'commit', 'drain', 'dark'];

/** What one press needs. */
export interface PressTable {
  readonly scene: StopScene;
  readonly crew: Crew;
  readonly doors: CrashDoors<StopStep>;
  readonly steps: CrashSteps<StopStep>;
  readonly blow: CrashBlow<StopStep>;
  readonly ledger: StopLedger;
  readonly scope:
    | { readonly kind: 'environment'; readonly id: string }
    | { readonly kind: 'tenant' };
}

/**
 * Keeps a stop from being drained, as a decision does that began before it and is not over.
 * @returns lets it go
 */
export async function holdGate(stack: CrashStack): Promise<() => Promise<void>> {
  const sql = createSql(stack.adminUrl(), { connectionsMax: 1 });
  await sql`select pg_advisory_lock_shared(hashtextextended(${`gate:${stack.tenantId}`}, 0))`;
  return () => sql.end({ timeout: 0 });
}

/** What the database holds of a press. */
async function readPress({ scene, scope }: PressTable) {
  const id = scope.kind === 'tenant' ? '' : scope.id;
  return withAdminPatiently(scene.stack, async (sql) => {
    const [found] = await sql<{ id: string; state: string }[]>`select id, state from stops
      where scope_kind = ${scope.kind} and scope_id = ${id} and state <> 'lifted'`;
    if (found === undefined) return null;
    const told = await countRows(
      sql,
      `select 1 from control_changes where change = 'placed' and subject_id = '${idOf('stop', found.id)}'`,
    );
    const audited = await countRows(
      sql,
      `select 1 from audit_log where action = 'stop.placed' and subject_id = '${idOf('stop', found.id)}'`,
    );
    return { id: idOf('stop', found.id), state: found.state, told, audited };
  });
}

/** One press, with a strike where this round has it. Null: nobody answered. */
async function pressOnce(table: PressTable): Promise<Pressed | null> {
  const { scene, doors, blow, scope } = table;
  const body = JSON.stringify({ scope, level: 2, reason: 'campaign' });
  const step = pressSteps.find((one) => one !== 'way' && blow.take(one));
  const letGo = step === 'drain' ? await holdGate(scene.stack) : null;
  const sent = doors.fetch('/api/v1/stops', { method: 'POST', body, headers: scene.program });
  const working = sent
    .then(async (answer) => (answer.ok ? placedSchema.parse(await answer.json()) : null))
    .catch(() => null);
  if (step === 'commit' || step === 'dark') {
    // Before its answer can have come: nothing was awaited since it was sent.
    scene.stack.proxy.hold();
    await until(
      'the stop is acknowledged',
      async () => (await readPress(table))?.state === 'active',
    );
    await blow.fall();
  } else if (step === 'drain') {
    await until('the stop is committed', async () => (await readPress(table)) !== null);
    await blow.fall();
    await letGo?.();
  } else await blow.beside('way', working);
  return working;
}

/** A press without an answer is wholly there, and in force, or wholly absent. */
async function checkUnanswered(table: PressTable): Promise<void> {
  const { crew, ledger, steps } = table;
  const there = await readPress(table);
  if (there !== null && (there.told !== 1 || there.audited !== 1)) {
    ledger.fault('pressHalf', `told ${there.told} times, audited ${there.audited} times`);
  }
  // Another strike may fall meanwhile: of those who are told, the first may answer before the press is answered.
  const { status } = await steps.send(null, () =>
    ask(crew.doors.liar, AbortSignal.timeout(patienceMs)),
  );
  if ((status === 423) !== (there !== null)) {
    ledger.fault('pressHalf', `${there === null ? 'absent' : 'there'}, asked: ${status}`);
  }
}

/** Presses until it is answered; the same stop each time, which says truly whether it stood already. */
export async function press(table: PressTable): Promise<Pressed> {
  const { blow, ledger } = table;
  for (;;) {
    const before = await readPress(table);
    const answer = await pressOnce(table);
    if (answer !== null) {
      if (answer.changed !== (before === null)) {
        ledger.fault('repeatUntrue', `changed: ${answer.changed}, stood: ${before !== null}`);
      }
      await checkClaim(table, answer);
      return answer;
    }
    if (pressSteps.includes(blow.step)) await blow.over();
    await checkUnanswered(table);
    await wait(50);
  }
}

/** What is called acknowledged has to be so. */
export async function checkClaim(
  { scene, ledger }: Pick<PressTable, 'scene' | 'ledger'>,
  { id, state }: { readonly id: string; readonly state: string },
): Promise<void> {
  const isDraining = await withAdminPatiently(scene.stack, (sql) =>
    countRows(sql, `select 1 from stops where state = 'draining' and id = '${uuidOf(id)}'`),
  );
  if (state === 'active' && isDraining > 0) ledger.fault('calledActive', `${id} drains`);
}
