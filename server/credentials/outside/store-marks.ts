import type { Tx } from '#db/client.ts';
import type { SecretWatch } from '#db/enums.ts';
import { credentialMarks } from '#db/schema/credentials.ts';
import { markSecret } from '#server/guard/kept-secrets.ts';
import type { Ctx } from '#server/kernel/context.ts';

/** Stores by what a secret is recognised from now on; answers whether it can be. */
export async function storeMarks(
  tx: Tx,
  ctx: Ctx,
  key: Uint8Array,
  { credentialId, secret }: { readonly credentialId: string; readonly secret: string },
): Promise<SecretWatch> {
  const marks = markSecret(key, credentialId, secret);
  if (marks.length === 0) return 'untellable';
  await tx
    .insert(credentialMarks)
    .values(
      marks.map(({ commitment, ...mark }) => ({
        tenantId: ctx.tenantId,
        credentialId,
        ...mark,
        commitment: Buffer.from(commitment),
      })),
    )
    .onConflictDoNothing();
  return 'watched';
}
