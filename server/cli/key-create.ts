import { keyKinds } from '#db/enums.ts';
import { type IssueKeyInput, issueKeyInput } from '#server/agents/contract.ts';
import { issueKey } from '#server/agents/issue-key.ts';
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

function kindOf(call: Call): (typeof keyKinds)[number] {
  const given = requiredFlag(call, 'kind');
  const kind = keyKinds.find((one) => one === given);
  if (kind === undefined) throw new UsageError(`--kind is one of ${keyKinds.join(', ')}`);
  return kind;
}

/** The key that is wished for, looked at before a database is asked. @throws UsageError */
function wishOf(call: Call): IssueKeyInput {
  const kind = kindOf(call);
  const agent = typeof call.flags['agent'] === 'string' ? call.flags['agent'] : null;
  const tools = [...listFlag(call, 'tool')];
  const name =
    typeof call.flags['name'] === 'string' ? call.flags['name'] : `${agent ?? kind} (command line)`;
  const wish = { kind, name, agent, tools };
  const [issue] = issueKeyInput.safeParse(wish).error?.issues ?? [];
  if (issue) throw new UsageError(`--${flagOf(issue.path[0])}: ${issue.message}`);
  return wish;
}

const flagOf = (member: PropertyKey | undefined): string =>
  member === 'tools' ? 'tool' : String(member);

async function run(call: Call): Promise<ExitCode> {
  const tenant = requiredFlag(call, 'tenant');
  const wish = wishOf(call);
  const made = await withOwnerDatabase(call.env, 'key create', async (db) =>
    issueKey(await contextOf(db, tenant), wish),
  );
  call.say('This key is shown once; only its hash is stored.');
  call.answer({ id: made.id, key: made.key }, made.key);
  return 0;
}

/** `signalbox key create`: prints the key once; makes the agent if it does not exist. */
export const keyCreateCommand: Command = {
  usage:
    '--tenant T --kind agent|ingest|service|enforcer [--agent SLUG] [--tool NAME…] [--name NAME]',
  summary: 'create a machine key and print it once; an agent key makes its agent',
  options: {
    tenant: { type: 'string' },
    kind: { type: 'string' },
    agent: { type: 'string' },
    tool: { type: 'string', multiple: true },
    name: { type: 'string' },
  },
  positionalsMin: 0,
  positionalsMax: 0,
  run,
};
