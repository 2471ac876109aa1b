import { addPerson } from '#server/auth/add-person.ts';
import { addPersonInput } from '#server/auth/contract.ts';
import { contextOf } from './actor.ts';
import {
  type Call,
  type Command,
  type ExitCode,
  listFlag,
  requiredFlag,
  UsageError,
} from './command.ts';
import { withOwnerDatabase } from './open-database.ts';
import { readPassword } from './read-password.ts';

async function run(call: Call): Promise<ExitCode> {
  const tenant = requiredFlag(call, 'tenant');
  const roles = listFlag(call, 'role').flatMap((one) => one.split(','));
  if (roles.length === 0) throw new UsageError('--role is missing');
  const email = call.positionals[0] ?? '';
  const name = typeof call.flags['name'] === 'string' ? call.flags['name'] : email.split('@')[0];
  // Everything but the password is looked at first, so that nobody types one in vain.
  const shape = addPersonInput.omit({ password: true }).safeParse({ email, roles, name });
  if (!shape.success) {
    const [issue] = shape.error.issues;
    throw new UsageError(
      `${issue?.path[0]?.toString() ?? 'argument'}: ${issue?.message ?? 'wrong'}`,
    );
  }
  const input = addPersonInput.safeParse({ ...shape.data, password: await readPassword(call.say) });
  if (!input.success)
    throw new Error(`The password ${input.error.issues[0]?.message ?? 'is wrong'}.`);
  const added = await withOwnerDatabase(call.env, 'user create', async (db) =>
    addPerson(await contextOf(db, tenant), input.data),
  );
  if (!added.isNewAccount) {
    call.say(`${input.data.email} has an account already and keeps its name and password.`);
  }
  call.answer(
    { id: added.userId, email: input.data.email, isNewAccount: added.isNewAccount },
    `${input.data.email} ${added.userId}`,
  );
  return 0;
}

/** `signalbox user create EMAIL --tenant T --role R`, the password on standard input. */
export const userCreateCommand: Command = {
  usage: 'EMAIL --tenant T --role R [--role R…] [--name NAME]   (password on standard input)',
  summary: 'add a person to a tenant; roles: viewer analyst reviewer responder auditor admin',
  options: {
    tenant: { type: 'string' },
    role: { type: 'string', multiple: true },
    name: { type: 'string' },
  },
  positionalsMin: 1,
  positionalsMax: 1,
  run,
};
