import type { z } from 'zod';
import { writeAudit } from '#server/audit/write-audit.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withTransaction } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import type { revealSchema } from './contract.ts';
import type { HoldTools } from './hold-tools.ts';
import { fingerprintOfSecret } from './mask-arguments.ts';
import { readSealed, requireVoter, unseal } from './open-arguments.ts';
import { stringsOf } from '#server/guard/walk-strings.ts';

/**
 * One masked credential of a request, in the clear, for somebody who may decide it. Each one is
 * audited by kind and fingerprint, before it is answered.
 * @throws AppError `forbidden`, `not_found`, `self_approval`, `gone`.
 */
export async function revealSecret(
  ctx: Ctx,
  tools: HoldTools,
  input: { readonly id: string; readonly index: number },
): Promise<z.infer<typeof revealSchema>> {
  requirePermission(ctx, 'approvals.open');
  const { tenantKey } = await tools.redactionOf(ctx);
  return withTransaction(ctx, async (tx) => {
    const record = await requireVoter(tx, ctx, input.id);
    const sealed = await readSealed(tx, ctx, record.actionId);
    if (sealed === null) throw new AppError('gone', 'These arguments were destroyed.');
    const place = sealed.places[input.index];
    if (place === undefined) {
      throw new AppError('not_found', 'There is no such masked credential in this request.');
    }
    const text = [...stringsOf(JSON.parse(unseal(ctx, tools, sealed)))][place.at]?.text ?? '';
    const value = text.slice(place.start, place.end);
    await writeAudit(tx, ctx, {
      action: 'approval.revealed',
      subject: { type: 'approval', id: input.id },
      risk: record.band,
      detail: {
        action: record.actionId,
        type: place.type,
        fingerprint: fingerprintOfSecret(value, tenantKey),
      },
    });
    return { value };
  });
}
