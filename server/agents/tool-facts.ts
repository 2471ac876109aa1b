import { eq } from 'drizzle-orm';
import { tools } from '#db/schema/agents.ts';
import { requirePermission } from '#server/auth/require-permission.ts';
import { type Ctx, withRead } from '#server/kernel/context.ts';
import { type ToolFacts, unknownToolFacts } from './common-tools.ts';

/** What is known of a tool; `isKnown` false: nobody described it, and the facts are the worst. */
export interface LookedUpTool extends ToolFacts {
  readonly isKnown: boolean;
}

/** The tools table of one tenant at one moment. */
export interface ToolTable {
  /** By exact name: a look-alike or another server's tool of the same ending is unknown. */
  readonly factsOf: (name: string) => LookedUpTool;
}

const unknownTool: LookedUpTool = { ...unknownToolFacts, isKnown: false };

/** A table over facts already read. Pure. */
export function toolTableOf(rows: readonly ({ readonly name: string } & ToolFacts)[]): ToolTable {
  const byName = new Map<string, LookedUpTool>(
    rows.map(
      ({ name, reversibility, sensitivity, blastRadius, effectClass, loadBearingFields }) => [
        name,
        {
          reversibility,
          sensitivity,
          blastRadius,
          effectClass,
          loadBearingFields,
          isKnown: true,
        },
      ],
    ),
  );
  return { factsOf: (name) => byName.get(name) ?? unknownTool };
}

/** Reads a tenant's whole table (`limits.toolsMax` rows at most). @throws AppError `forbidden`. */
export async function readToolTable(ctx: Ctx): Promise<ToolTable> {
  requirePermission(ctx, 'tools.read');
  const rows = await withRead(ctx, (tx) =>
    tx
      .select({
        name: tools.name,
        reversibility: tools.reversibility,
        sensitivity: tools.sensitivity,
        blastRadius: tools.blastRadius,
        effectClass: tools.effectClass,
        loadBearingFields: tools.loadBearingFields,
      })
      .from(tools)
      .where(eq(tools.tenantId, ctx.tenantId)),
  );
  return toolTableOf(rows);
}
