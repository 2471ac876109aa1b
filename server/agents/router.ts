import { z } from 'zod';
import { filterTextSchema } from '#server/audit/contract.ts';
import { createdKeySchema, keySchema } from '#server/auth/contract.ts';
import { revokeKey } from '#server/auth/revoke-key.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { addTool } from './add-tool.ts';
import { changeAgent } from './change-agent.ts';
import { changeTool } from './change-tool.ts';
import {
  agentDetailSchema,
  agentSchema,
  changeAgentInput,
  issueKeyInput,
  pageInput,
  searchPageInput,
  toolInput,
  toolSchema,
} from './contract.ts';
import { issueKey } from './issue-key.ts';
import { listAgents, listKeys, listTools, readAgent } from './queries.ts';
import { removeTool } from './remove-tool.ts';

const done = z.object({ ok: z.literal(true) });
const ok = { ok: true } as const;
const pageOutput = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), next: z.string().nullable() });

/** Agents of the tenant. */
export const agentsRouter = router({
  list: tenantProcedure
    .input(searchPageInput)
    .output(pageOutput(agentSchema))
    .query(({ ctx, input }) =>
      listAgents(ctx.scope, {
        limit: input.limit,
        cursor: input.cursor ?? null,
        search: input.search ?? null,
      }),
    ),
  get: tenantProcedure
    .input(z.object({ agent: filterTextSchema }))
    .output(agentDetailSchema)
    .query(({ ctx, input }) => readAgent(ctx.scope, input.agent)),
  change: tenantProcedure
    .input(changeAgentInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await changeAgent(ctx.scope, input);
      return ok;
    }),
});

/** Machine keys of the tenant. */
export const keysRouter = router({
  list: tenantProcedure
    .input(pageInput)
    .output(pageOutput(keySchema))
    .query(({ ctx, input }) =>
      listKeys(ctx.scope, { limit: input.limit, cursor: input.cursor ?? null }),
    ),
  issue: tenantProcedure
    .input(issueKeyInput)
    .output(createdKeySchema)
    .mutation(({ ctx, input }) => issueKey(ctx.scope, input)),
  revoke: tenantProcedure
    .input(z.object({ id: z.string() }))
    .output(z.object({ isChanged: z.boolean() }))
    .mutation(({ ctx, input }) => revokeKey(ctx.scope, input.id)),
});

/** The tools table of the tenant. */
export const toolsRouter = router({
  list: tenantProcedure
    .input(searchPageInput)
    .output(pageOutput(toolSchema))
    .query(({ ctx, input }) =>
      listTools(ctx.scope, {
        limit: input.limit,
        cursor: input.cursor ?? null,
        search: input.search ?? null,
      }),
    ),
  add: tenantProcedure
    .input(toolInput)
    .output(z.object({ id: z.string() }))
    .mutation(({ ctx, input }) => addTool(ctx.scope, input)),
  change: tenantProcedure
    .input(toolInput.omit({ name: true }).extend({ id: z.string() }))
    .output(done)
    .mutation(async ({ ctx, input: { id, ...input } }) => {
      await changeTool(ctx.scope, id, input);
      return ok;
    }),
  remove: tenantProcedure
    .input(z.object({ id: z.string() }))
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await removeTool(ctx.scope, input.id);
      return ok;
    }),
});
