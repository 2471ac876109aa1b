import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { addChannel } from './add-channel.ts';
import type { ChannelTools } from './channel-tools.ts';
import {
  addedChannelSchema,
  channelInputSchema,
  channelSchema,
  deliveriesInputSchema,
  deliveriesSchema,
} from './contract.ts';
import { listChannels, listDeliveries } from './queries.ts';
import { removeChannel } from './remove-channel.ts';
import { retryDelivery } from './retry-delivery.ts';
import { testChannel } from './test-channel.ts';

const oneInput = z.object({ id: z.string().max(64) });
const done = z.object({ ok: z.literal(true) });
const ok = { ok: true } as const;

/** Where alerts are sent, and how that went. */
export function createChannelsRouter(tools: ChannelTools) {
  return router({
    list: tenantProcedure
      .output(z.object({ items: z.array(channelSchema) }))
      .query(async ({ ctx }) => ({ items: await listChannels(ctx.scope) })),
    add: tenantProcedure
      .input(channelInputSchema)
      .output(addedChannelSchema)
      .mutation(({ ctx, input }) => addChannel(ctx.scope, tools, input)),
    remove: tenantProcedure
      .input(oneInput)
      .output(done)
      .mutation(async ({ ctx, input }) => {
        await removeChannel(ctx.scope, input.id);
        return ok;
      }),
    test: tenantProcedure
      .input(oneInput)
      .output(z.object({ id: z.string() }))
      .mutation(({ ctx, input }) => testChannel(ctx.scope, input.id)),
    deliveries: tenantProcedure
      .input(deliveriesInputSchema)
      .output(deliveriesSchema)
      .query(async ({ ctx, input }) => ({ items: await listDeliveries(ctx.scope, input) })),
    retry: tenantProcedure
      .input(oneInput)
      .output(done)
      .mutation(async ({ ctx, input }) => {
        await retryDelivery(ctx.scope, input.id);
        return ok;
      }),
  });
}
