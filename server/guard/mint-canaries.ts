import { randomBytes } from 'node:crypto';
import { requirePermission } from '#server/auth/require-permission.ts';
import type { Ctx } from '#server/kernel/context.ts';
import type { MintInput, MintedCanary } from './contract.ts';
import { plantText, plantedBytes } from './plant-text.ts';
import { registerCanary } from './register-canary.ts';

/**
 * Makes canaries for one document, one of each wanted form, and registers them. Each is registered by
 * itself: when one is refused, those before it stand and are looked for, and are told of in the list.
 *
 * @throws AppError as `registerCanary`.
 */
export async function mintCanaries(ctx: Ctx, input: MintInput): Promise<MintedCanary[]> {
  requirePermission(ctx, 'canaries.write');
  const minted: MintedCanary[] = [];
  for (const form of new Set(input.forms)) {
    const { marker, text } = plantText(form, randomBytes(plantedBytes));
    const name = `${input.document} (${form})`;
    const canary = { name, marker, homes: input.homes };
    const { id } = await registerCanary(ctx, canary, { document: input.document, form });
    minted.push({ id, form, text });
  }
  return minted;
}
