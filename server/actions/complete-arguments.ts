import { sql } from 'drizzle-orm';
import type { Tx } from '#db/client.ts';
import { completeArguments } from '#server/agents/argument-schema.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { AppError } from '#server/kernel/errors.ts';
import { uuidOf } from '#server/kernel/ids.ts';
import type { JsonObject } from '#server/permits/canonicalise.ts';
import { digestOfSchema } from './read-ask-facts.ts';
import type { ActionRecord } from './read-action-record.ts';

/**
 * Arguments that somebody sends to be decided, checked against the schema of the tool and completed by
 * its defaults: what is bound, shown and run is the call as the tool will see it.
 * @throws AppError `invalid_arguments` with the pointer of what does not fit
 */
export function completeAsked(schema: string | null, args: JsonObject): JsonObject {
  const completed = completeArguments(schema, args);
  if (completed.fault === null) return completed.args;
  const { pointer, sentence } = completed.fault;
  throw new AppError(
    'invalid_arguments',
    `At ${pointer === '' ? 'the arguments' : pointer}: ${sentence}; send arguments that fit the tool’s schema.`,
    { extras: { pointer } },
  );
}

/**
 * Arguments that are to run, or ran, in the form that was bound: with the defaults of the schema under
 * which they were decided. What does not fit it cannot be what was decided.
 * @throws AppError `schema_changed`, `args_mismatch`
 */
export async function completeDecided(
  tx: Tx,
  ctx: Ctx,
  record: Pick<ActionRecord, 'tool' | 'schemaDigest'>,
  args: JsonObject,
): Promise<JsonObject> {
  if (record.schemaDigest === digestOfSchema(null)) return args;
  const [row] = await tx.execute<{ schema: string | null }>(sql`
    select schema::text as schema from tools
    where tenant_id = ${uuidOf(ctx.tenantId)}::uuid and name = ${record.tool}`);
  const schema = row?.schema ?? null;
  if (digestOfSchema(schema) !== record.schemaDigest) {
    throw new AppError('schema_changed', 'The tool’s schema changed; ask for the action again.');
  }
  const completed = completeArguments(schema, args);
  if (completed.fault === null) return completed.args;
  throw new AppError(
    'args_mismatch',
    'These are not the arguments that were decided; ask for these, or send the others.',
  );
}
