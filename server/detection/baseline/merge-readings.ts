import type { BaselineReading } from '#server/detection/baseline/readings.ts';
import { limits } from '#server/kernel/limits.ts';

/**
 * Readings of one alert with further ones, those known first. Of one tool or path the one that lies
 * furthest from what is usual stands for all: every call of a burst is read anew. At most
 * `limits.alertReadingsMax`; later ones of other tools or paths are left out.
 */
export function mergeReadings(
  known: readonly BaselineReading[],
  more: readonly BaselineReading[],
): BaselineReading[] {
  const merged = new Map<string, BaselineReading>();
  for (const reading of [...known, ...more]) {
    const subject = subjectOf(reading);
    const before = merged.get(subject);
    const isRoom = merged.size < limits.alertReadingsMax;
    if (before === undefined ? isRoom : sigmaOf(reading) > sigmaOf(before)) {
      merged.set(subject, reading);
    }
  }
  return [...merged.values()];
}

/** What a reading is of: readings of one subject take each other's place. */
function subjectOf(reading: BaselineReading): string {
  switch (reading.kind) {
    case 'volume':
    case 'errors':
      return JSON.stringify([reading.kind, reading.tool]);
    case 'sequence':
      return JSON.stringify([reading.kind, reading.path]);
    case 'shape':
      return JSON.stringify([reading.kind, reading.tool, reading.shape]);
    case 'destination':
      return JSON.stringify([reading.kind, reading.tool, reading.fresh]);
    case 'scope':
      return JSON.stringify([reading.kind, reading.fresh]);
    case 'drift':
      return reading.kind;
  }
}

const sigmaOf = (reading: BaselineReading) => ('sigma' in reading ? reading.sigma : 0);
