import { z } from 'zod';
import { pageInput } from '#server/agents/contract.ts';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { addCredential } from './add-credential.ts';
import { addProvider } from './add-provider.ts';
import type { BrokerTools } from './broker-tools.ts';
import {
  addCredentialInput,
  addProviderInput,
  revokeAnswerSchema,
  revokeInput,
} from './contract.ts';
import {
  credentialDetailSchema,
  credentialPageSchema,
  providerSchema,
  revocationPreviewSchema,
} from './inventory/contract.ts';
import { listCredentials, listProviders, previewRevocation, readCredential } from './queries.ts';
import { retryRevocation } from './retry-revocation.ts';
import { revokeCredential } from './revoke-credential.ts';

const made = z.object({ id: z.string() });
const byId = z.object({ id: z.string().max(64) });

/** What tools are entered with; agents take leases at their own door. */
export function createCredentialsRouter(tools: BrokerTools) {
  return router({
    /** By name, with flags. */
    list: tenantProcedure
      .input(pageInput)
      .output(credentialPageSchema)
      .query(({ ctx, input }) =>
        listCredentials(ctx.scope, { limit: input.limit, cursor: input.cursor ?? null }),
      ),
    get: tenantProcedure
      .input(byId)
      .output(credentialDetailSchema)
      .query(({ ctx, input }) => readCredential(ctx.scope, input.id)),
    /** What revoking one would reach. */
    preview: tenantProcedure
      .input(byId)
      .output(revocationPreviewSchema)
      .query(({ ctx, input }) => previewRevocation(ctx.scope, input.id)),
    providers: tenantProcedure
      .output(z.array(providerSchema))
      .query(({ ctx }) => listProviders(ctx.scope)),
    add: tenantProcedure
      .input(addCredentialInput)
      .output(made)
      .mutation(({ ctx, input }) => addCredential(ctx.scope, tools, input)),
    addProvider: tenantProcedure
      .input(addProviderInput)
      .output(made)
      .mutation(({ ctx, input }) => addProvider(ctx.scope, tools, input)),
    revoke: tenantProcedure
      .input(revokeInput)
      .output(revokeAnswerSchema)
      .mutation(({ ctx, input }) => revokeCredential(ctx.scope, input)),
    retry: tenantProcedure
      .input(byId)
      .output(z.object({ ok: z.literal(true) }))
      .mutation(async ({ ctx, input }) => {
        await retryRevocation(ctx.scope, input.id);
        return { ok: true } as const;
      }),
  });
}
