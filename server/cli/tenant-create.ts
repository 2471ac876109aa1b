import { tenantSlugSchema } from '#server/auth/contract.ts';
import { createTenant } from '#server/auth/create-tenant.ts';
import { commandLine } from './actor.ts';
import { type Call, type Command, type ExitCode, UsageError } from './command.ts';
import { withOwnerDatabase } from './open-database.ts';
import { tenantSeeders } from './tenant-seeders.ts';

async function run(call: Call): Promise<ExitCode> {
  const name = call.positionals[0] ?? '';
  const [issue] = tenantSlugSchema.safeParse(name).error?.issues ?? [];
  if (issue) throw new UsageError(`NAME: ${issue.message}`);
  const made = await withOwnerDatabase(call.env, 'tenant create', (db) =>
    createTenant(db, commandLine(), { slug: name, name }, tenantSeeders),
  );
  call.answer({ id: made.tenantId, slug: made.slug }, `${made.slug} ${made.tenantId}`);
  return 0;
}

/** `signalbox tenant create NAME`: a tenant with its tools and rules. */
export const tenantCreateCommand: Command = {
  usage: 'NAME',
  summary: 'create a tenant; NAME is its short name in addresses: [a-z0-9][a-z0-9-]{0,62}',
  options: {},
  positionalsMin: 1,
  positionalsMax: 1,
  run,
};
