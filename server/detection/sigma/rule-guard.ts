/**
 * Something that every event has on which a rule matches: `field` is there (`present`), is `text`
 * (`value`, without blanks around it) or holds it somewhere (`part`); both in lower case. Never says
 * that a rule matches, only that it cannot: a pack asks about most events only the few rules that are
 * left.
 */
export interface Guard {
  readonly kind: 'present' | 'value' | 'part';
  readonly field: string;
  /** Empty for `present`. */
  readonly text: string;
}

/** One of them holds wherever the rule matches; null when nothing can be said. */
export type Guards = readonly Guard[] | null;

/** Fields of which nearly every event has one of few values. */
const common: ReadonlySet<string> = new Set([
  'event.phase',
  'event.status',
  'source.trust',
  'agent.identity',
  'tool.effect_class',
  'tool.is_registered',
]);
/** Fields that most events do not have. */
const rare =
  /^(finding|error|agent|data|decision|action)\.|^error$|^tool\.(permit|destination\.(new|untrusted))/;
/** Most of what agents tell of. */
const commonKinds: ReadonlySet<string> = new Set(['tool_call', 'llm_call']);

/** How many events a guard keeps away: more is better. */
function worthOf({ kind, field, text }: Guard): number {
  if (kind === 'value') {
    if (field === 'event.kind') return commonKinds.has(text) ? 1 : 3;
    return common.has(field) ? 1 : 3;
  }
  if (kind === 'part') return 2;
  return rare.test(field) ? 2 : 0;
}

function worthOfAll(guards: readonly Guard[]): number {
  return Math.min(...guards.map(worthOf));
}

/** Of parts that must all hold, the guards that keep most away. */
export function guardsOfAll(parts: readonly Guards[]): Guards {
  return parts.reduce((best, guards) => {
    if (guards === null) return best;
    if (best === null) return guards;
    const gain = worthOfAll(guards) - worthOfAll(best);
    return gain > 0 || (gain === 0 && guards.length < best.length) ? guards : best;
  }, null);
}

/** Of parts of which one must hold, all guards together; none when one part has none. */
export function guardsOfAny(parts: readonly Guards[]): Guards {
  const all: Guard[] = [];
  for (const guards of parts) {
    if (guards === null) return null;
    all.push(...guards);
  }
  return all;
}

/** A text as guards compare it. */
export function guardText(text: string): string {
  return text.trim().toLowerCase();
}
