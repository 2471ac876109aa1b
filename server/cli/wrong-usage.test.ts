import { describe, expect, it } from 'vitest';
import { readEnv } from '#server/kernel/env.ts';
import type { Call, Command, Flags } from './command.ts';
import { keyCreateCommand } from './key-create.ts';
import { stopCommand } from './stop.ts';
import { tenantCreateCommand } from './tenant-create.ts';

/** No database stands behind it: what is refused here is refused before one is asked. */
const call = (flags: Flags, positionals: readonly string[] = []): Call => ({
  env: readEnv({ NODE_ENV: 'test', DATABASE_URL: 'postgres://127.0.0.1:1/none' }),
  flags,
  positionals,
  say: () => undefined,
  answer: () => undefined,
});

const key = { tenant: 'a', kind: 'ingest' } as const;

describe('wrong usage', () => {
  it.each<[string, Command, Call, RegExp]>([
    ['no short name', tenantCreateCommand, call({}, ['Not A Slug']), /^NAME: must match/],
    ['an empty name', tenantCreateCommand, call({}, ['']), /^NAME: must match/],
    ['an agent key of nobody', keyCreateCommand, call({ ...key, kind: 'agent' }), /^--agent: name/],
    ['no slug', keyCreateCommand, call({ ...key, kind: 'agent', agent: 'A b' }), /^--agent: must/],
    ['an agent too many', keyCreateCommand, call({ ...key, agent: 'a' }), /^--agent: only/],
    ['no tool', keyCreateCommand, call({ ...key, kind: 'enforcer' }), /^--tool: name at least/],
    ['a hidden name', keyCreateCommand, call({ ...key, name: '\u202e' }), /^--name: must be plain/],
    [
      'a scope that nothing can have',
      stopCommand,
      call({ scope: 'session:\u202ex', reason: 'x', tenant: 'a' }),
      /^--scope is tenant/,
    ],
  ])('%s', async (_name, command, given, message) => {
    await expect(command.run(given)).rejects.toMatchObject({
      name: 'UsageError',
      message: expect.stringMatching(message),
    });
  });
});
