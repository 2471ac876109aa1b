import { z } from 'zod';
import { router, tenantProcedure } from '#server/trpc/init.ts';
import { addTransmitter } from './add-transmitter.ts';
import { receivedEventsSchema, transmitterInputSchema, transmittersSchema } from './contract.ts';
import { listReceivedEvents, listTransmitters } from './queries.ts';
import { removeTransmitter } from './remove-transmitter.ts';

/** What transmitters need of the process. */
interface TransmitterTools {
  /** The public address. */
  readonly url: string;
  /** `host[:port]` that keys may be fetched from though it is private, or plain http. */
  readonly innerHosts: ReadonlySet<string>;
}

/** Whose security events are believed, and what came of them. */
export function createTransmittersRouter({ url, innerHosts }: TransmitterTools) {
  return router({
    list: tenantProcedure
      .output(transmittersSchema)
      .query(({ ctx }) => listTransmitters(ctx.scope, url)),
    add: tenantProcedure
      .input(transmitterInputSchema)
      .output(z.object({ id: z.string() }))
      .mutation(({ ctx, input }) => addTransmitter(ctx.scope, innerHosts, input)),
    remove: tenantProcedure
      .input(z.object({ id: z.string().max(64) }))
      .output(z.object({ ok: z.literal(true) }))
      .mutation(async ({ ctx, input }) => {
        await removeTransmitter(ctx.scope, input.id);
        return { ok: true } as const;
      }),
    events: tenantProcedure
      .output(receivedEventsSchema)
      .query(async ({ ctx }) => ({ items: await listReceivedEvents(ctx.scope) })),
  });
}
