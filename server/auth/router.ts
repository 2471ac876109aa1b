import { z } from 'zod';
import { filterTextSchema } from '#server/audit/contract.ts';
import { limits } from '#server/kernel/limits.ts';
import { personProcedure, router, tenantProcedure } from '#server/trpc/init.ts';
import { addPerson } from './add-person.ts';
import { changePassword } from './change-password.ts';
import { changeRoles } from './change-roles.ts';
import {
  addPersonInput,
  changePasswordInput,
  changeRolesInput,
  meSchema,
  personSchema,
  signInSchema,
} from './contract.ts';
import { endSignIn } from './end-sign-in.ts';
import { describePerson, listOwnSignIns, listPeople } from './queries.ts';
import { removePerson } from './remove-person.ts';

const done = z.object({ ok: z.literal(true) });
const ok = { ok: true } as const;

/** Who I am; needs no tenant. */
export const authRouter = router({
  me: personProcedure
    .output(meSchema)
    .query(({ ctx }) => describePerson(ctx.person, ctx.tenantSlug)),
  changePassword: tenantProcedure
    .input(changePasswordInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await changePassword(ctx.scope, input);
      return ok;
    }),
});

/** My own open sign-ins, on all machines. */
export const signInsRouter = router({
  list: personProcedure
    .output(z.object({ items: z.array(signInSchema) }))
    .query(async ({ ctx }) => ({ items: await listOwnSignIns(ctx.db, ctx.person) })),
  end: personProcedure
    .input(z.object({ id: z.string() }))
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await endSignIn(ctx.db, ctx.person, input.id, ctx.requestId);
      return ok;
    }),
});

/** The people of the tenant. */
export const peopleRouter = router({
  list: tenantProcedure
    .input(
      z.object({
        limit: z.number().int().min(1).max(limits.pageItemsMax).default(limits.pageItemsDefault),
        cursor: filterTextSchema.nullish(),
      }),
    )
    .output(z.object({ items: z.array(personSchema), next: z.string().nullable() }))
    .query(({ ctx, input }) =>
      listPeople(ctx.scope, { limit: input.limit, cursor: input.cursor ?? null }),
    ),
  add: tenantProcedure
    .input(addPersonInput)
    .output(z.object({ userId: z.string() }))
    .mutation(async ({ ctx, input }) => {
      const { userId } = await addPerson(ctx.scope, input);
      return { userId };
    }),
  changeRoles: tenantProcedure
    .input(changeRolesInput)
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await changeRoles(ctx.scope, input);
      return ok;
    }),
  remove: tenantProcedure
    .input(z.object({ userId: z.string() }))
    .output(done)
    .mutation(async ({ ctx, input }) => {
      await removePerson(ctx.scope, input.userId);
      return ok;
    }),
});
