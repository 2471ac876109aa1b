import { execFile } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { seedTools } from '#server/agents/seed-tools.ts';
import { issueKey } from '#server/agents/issue-key.ts';
import { withTransaction } from '#server/kernel/context.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import { openTestDatabase } from '#server/testing/database.ts';
import { cliActor, makeCtx, makeTenant } from '#server/testing/factories.ts';
import { openTestWeb } from '#server/testing/http.ts';
import { type ConnectWay, connectWays, snippetsOf } from './prepare-snippets.ts';

const bed = openTestDatabase();
const web = openTestWeb(bed);
const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const agent = 'weather-agent';

/** Models that cost money are swapped for mock ones; everything else runs as it is pasted. */
const mockModels: readonly (readonly [real: string, mock: string])[] = [
  ["import { openai } from '@ai-sdk/openai';", "import { MockLanguageModelV4 } from 'ai/test';"],
  [
    "model: openai('gpt-5')",
    `model: new MockLanguageModelV4({ modelId: 'mock-1', doGenerate: {
      content: [{ type: 'text', text: 'Sunny.' }], warnings: [],
      finishReason: { unified: 'stop', raw: 'stop' },
      usage: { inputTokens: { total: 1 }, outputTokens: { total: 1 } } } })`,
  ],
  [
    "import { ChatOpenAI } from '@langchain/openai';",
    "import { FakeListChatModel } from '@langchain/core/utils/testing';",
  ],
  ["new ChatOpenAI({ model: 'gpt-5' })", "new FakeListChatModel({ responses: ['Sunny.'] })"],
];

/** `export NAME='value'` lines as an environment. */
function variablesOf(shell: string): Record<string, string> {
  return Object.fromEntries(
    [...shell.matchAll(/^export (\w+)='(.*)'$/gm)].map((match) => [match[1] ?? '', match[2] ?? '']),
  );
}

async function runAsPasted(way: ConnectWay, key: string): Promise<void> {
  const pieces = snippetsOf(way, { url: web.url, key, agent });
  const shell = pieces.find((piece) => piece.caption === 'Shell');
  const program = pieces.find((piece) => piece.caption.startsWith('JavaScript'));
  let code = program?.code ?? '';
  for (const [real, mock] of mockModels) code = code.replace(real, mock);
  await promisify(execFile)(
    join(root, 'node_modules/node/bin/node'),
    ['--input-type=module', '--eval', code],
    { cwd: root, timeout: 60_000, env: { NODE_ENV: 'test', ...variablesOf(shell?.code ?? '') } },
  );
}

describe('the snippets of the connect page', () => {
  it.each(connectWays)('%s works as it is pasted', async (way) => {
    const tenant = await makeTenant(bed);
    const ctx = makeCtx(bed.app, tenant.id, cliActor);
    const seeder = makeCtx(bed.owner, tenant.id, cliActor);
    // A tenant without a tools table is denied everything.
    if (way === 'ask') await withTransaction(seeder, (tx) => seedTools(tx, seeder));
    const { key } = await issueKey(ctx, { kind: 'agent', name: way, agent });
    await runAsPasted(way, key);
    const stored = await bed.admin<{ agent_slug: string; is_verified: boolean }[]>`
      select agent_slug, is_verified from events where tenant_id = ${uuidOf(tenant.id)}`;
    expect(stored.length).toBeGreaterThan(0);
    for (const event of stored) expect(event).toEqual({ agent_slug: agent, is_verified: true });
  });

  it('put nothing but the key, the address and the agent into the pieces', () => {
    for (const way of connectWays) {
      const of = { url: 'https://box.example', key: 'sbk_agent_KEY', agent: 'a/b.c-d_e' };
      const text = snippetsOf(way, of)
        .map((piece) => piece.code)
        .join('\n');
      expect(text).toContain('https://box.example/api/');
      expect(text).toContain('sbk_agent_KEY');
      expect(text).toContain('a/b.c-d_e');
      expect(text).not.toContain('undefined');
    }
  });
});
