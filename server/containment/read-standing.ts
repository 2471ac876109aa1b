import type { z } from 'zod';
import { requirePermission } from '#server/auth/require-permission.ts';
import { listStandingStops } from '#server/gate/queries.ts';
import type { Ctx } from '#server/kernel/context.ts';
import { limits } from '#server/kernel/limits.ts';
import type { standingStopSchema } from './contract.ts';
import { readWaitingCuts } from './contain/read-waiting-cuts.ts';
import { readLadder } from './read-ladder.ts';
import { readResumedNames } from './read-resuming.ts';

/**
 * Stops in force with the counts of their ladders, newest first; ladders only of the first
 * `limits.ladderStopsMax`, because every page asks. @throws AppError `forbidden`
 */
export async function readStanding(ctx: Ctx): Promise<z.infer<typeof standingStopSchema>[]> {
  requirePermission(ctx, 'stops.read');
  const stops = await listStandingStops(ctx);
  if (stops.length === 0) return [];
  const waiting = await readWaitingCuts(ctx, stops.slice(0, limits.ladderStopsMax));
  const resumedOf = await readResumedNames(ctx);
  return Promise.all(
    stops.map(async (stop, index) => {
      const known = { ...stop, resumed: resumedOf.get(stop.id) ?? [] };
      if (index >= limits.ladderStopsMax) return { ...known, counts: null, isCutWaiting: false };
      const { ladder } = await readLadder(ctx, stop);
      return { ...known, counts: ladder.counts, isCutWaiting: waiting.has(stop.id) };
    }),
  );
}
