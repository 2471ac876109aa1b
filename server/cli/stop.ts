import type { Db } from '#db/client.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { placeStopOfLevel } from '#server/containment/contain/contain-stop.ts';
import { type PlaceStopInput, placeStopInput, type Stop } from '#server/gate/contract.ts';
import { liftStop } from '#server/gate/lift-stop.ts';
import { listStandingStops, readStop } from '#server/gate/queries.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError, isAppError } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { commandLine, contextOf } from './actor.ts';
import { type Call, type Command, type ExitCode, requiredFlag, UsageError } from './command.ts';
import { withOwnerDatabase } from './open-database.ts';

/** `tenant`, or `<kind>:<id or name>`. @throws UsageError */
function wantedOf(call: Call): PlaceStopInput {
  const [kind = '', ...rest] = requiredFlag(call, 'scope').split(':');
  const id = rest.join(':');
  const level = typeof call.flags['level'] === 'string' ? Number(call.flags['level']) : 1;
  const scope = id === '' ? { kind } : { kind, id };
  const parsed = placeStopInput.safeParse({ scope, level, reason: requiredFlag(call, 'reason') });
  if (parsed.success) return parsed.data;
  throw new UsageError(
    '--scope is tenant, agent:NAME, tree:AGENT, environment:NAME, session:ID, tool:NAME or credential:NAME; --level is 1 to 4',
  );
}

/** The tenant that is named, or the only one there is. @throws UsageError when it has to be named. */
async function tenantOf(call: Call, db: Db): Promise<Ctx> {
  const named = call.flags['tenant'];
  if (typeof named === 'string') return contextOf(db, named);
  const tenants = await listTenants(db);
  const [only] = tenants;
  if (only === undefined || tenants.length > 1) {
    const slugs = tenants.map(({ slug }) => slug).join(', ');
    throw new UsageError(`--tenant is missing: ${slugs === '' ? 'there is none yet' : slugs}`);
  }
  return contextOf(db, only.slug);
}

async function stop(call: Call): Promise<ExitCode> {
  const wanted = wantedOf(call);
  const placed = await withOwnerDatabase(call.env, 'stop', async (db) =>
    placeStopOfLevel(await tenantOf(call, db), wanted),
  );
  const { id, epoch, state, changed } = placed;
  const proof =
    state === 'draining'
      ? 'in force; the drain is not over yet, see "signalbox stops"'
      : 'in force; nothing is granted or redeemed in its scope any more';
  const again = changed ? '' : ` (stood already, placed by ${placed.placedBy})`;
  call.answer({ id, epoch, state, changed }, `${id} ${proof}${again}`);
  return 0;
}

/** `signalbox stop`: stops a scope from the host, also with the web down. */
export const stopCommand: Command = {
  usage: '--scope tenant|<kind>:<id or name> --reason R [--level N] [--tenant T]',
  summary: 'stop agents: from its answer on nothing is granted or redeemed in the scope',
  options: {
    scope: { type: 'string' },
    reason: { type: 'string' },
    level: { type: 'string' },
    tenant: { type: 'string' },
  },
  positionalsMin: 0,
  positionalsMax: 0,
  run: stop,
};

const lineOf = (tenant: string, one: Stop) =>
  [
    one.id,
    tenant,
    one.scope.kind === 'tenant' ? 'tenant' : `${one.scope.kind}:${one.scope.label}`,
    one.state,
    `by ${one.placedBy} at ${one.placedAt}`,
    one.liftedAt === null ? '' : `lifts at ${one.liftedAt}`,
  ]
    .filter((part) => part !== '')
    .join('  ');

async function stops(call: Call): Promise<ExitCode> {
  const found = await withOwnerDatabase(call.env, 'stops', async (db) => {
    const tenants = await listTenants(db);
    const lists = await Promise.all(
      tenants.map(async ({ slug, tenantId }) => {
        const standing = await listStandingStops({ db, tenantId, ...commandLine() });
        return standing.map((one) => ({ tenant: slug, ...one }));
      }),
    );
    return lists.flat();
  });
  const lines = found.map((one) => lineOf(one.tenant, one));
  call.answer({ items: found }, lines.length === 0 ? 'No stop stands.' : lines.join('\n'));
  return 0;
}

/** `signalbox stops`: what stands, in every tenant. */
export const stopsCommand: Command = {
  usage: '',
  summary: 'list the stops that stand',
  options: {},
  positionalsMin: 0,
  positionalsMax: 0,
  run: stops,
};

/** The context of the tenant that a stop belongs to. @throws AppError `not_found` */
async function tenantOfStop(db: Db, id: string): Promise<Ctx> {
  for (const { tenantId } of await listTenants(db)) {
    const ctx: Ctx = { db, tenantId, ...commandLine() };
    try {
      await readStop(ctx, id);
      return ctx;
    } catch (error) {
      if (!isAppError(error) || error.code !== 'not_found') throw error;
    }
  }
  throw new AppError('not_found', `There is no stop ${id}; see "signalbox stops".`);
}

async function lift(call: Call): Promise<ExitCode> {
  const id = call.positionals[0] ?? '';
  const given = call.flags['reason'];
  const reason = typeof given === 'string' && given !== '' ? given : 'lifted from the host';
  const answer = await withOwnerDatabase(call.env, 'lift', async (db) =>
    liftStop(await tenantOfStop(db, id), id, reason),
  );
  call.answer(
    { id, ...answer },
    `${id} stands until ${answer.liftedAt ?? 'an unknown time'}, when it is lifted: ${limits.liftHostMinutes} minutes for anybody to object, by stopping the same again; everybody is told.`,
  );
  return 0;
}

/** `signalbox lift`: the way of a team of one; everybody is told, and it waits. */
export const liftCommand: Command = {
  usage: 'STOP [--reason R]',
  summary: 'lift a stop from the host: takes effect after 30 minutes, announced to everybody',
  options: { reason: { type: 'string' } },
  positionalsMin: 1,
  positionalsMax: 1,
  run: lift,
};
