/** Finds which of many texts occur in another, in one pass over it. */
export interface LiteralScan {
  /** Calls back for every occurrence of a text, by its index in the list. */
  readonly scan: (text: string, found: (index: number) => void) => void;
}

/** Characters above this are one class of their own, which no text to be found has. */
const asciiMax = 127;

/** Whether a text can be looked for by {@link createLiteralScan}. */
export function isScannable(literal: string): boolean {
  if (literal === '') return false;
  for (let at = 0; at < literal.length; at += 1) {
    if (literal.charCodeAt(at) > asciiMax) return false;
  }
  return true;
}

/**
 * Aho and Corasick's machine (CACM 18:6, 1975) over the characters that occur in the texts. A pack
 * looks for hundreds of words in the same arguments: one by one that was most of what rules cost.
 * Every text is {@link isScannable}; letter case is the caller's.
 */
export function createLiteralScan(literals: readonly string[]): LiteralScan {
  const classOf = new Uint8Array(asciiMax + 2);
  let classes = 1;
  for (const literal of literals) {
    for (let at = 0; at < literal.length; at += 1) {
      const unit = literal.charCodeAt(at);
      if (classOf[unit] !== 0) continue;
      classOf[unit] = classes;
      classes += 1;
    }
  }
  const { next, ends } = buildMachine(literals, classOf, classes);
  return {
    scan: (text, found) => {
      let state = 0;
      for (let at = 0; at < text.length; at += 1) {
        const unit = text.charCodeAt(at);
        const step = unit > asciiMax ? 0 : (classOf[unit] ?? 0);
        state = next[state * classes + step] ?? 0;
        const ending = ends[state];
        if (ending !== undefined) for (const index of ending) found(index);
      }
    },
  };
}

/** The machine's table, state by class, and which texts end in a state (absent: none). */
function buildMachine(
  literals: readonly string[],
  classOf: Uint8Array,
  classes: number,
): { readonly next: Int32Array; readonly ends: readonly (readonly number[] | undefined)[] } {
  const statesMax = 1 + literals.reduce((sum, literal) => sum + literal.length, 0);
  const next = new Int32Array(statesMax * classes);
  const ends: number[][] = [];
  let states = 1;
  for (const [index, literal] of literals.entries()) {
    let state = 0;
    for (let at = 0; at < literal.length; at += 1) {
      const edge = state * classes + (classOf[literal.charCodeAt(at)] ?? 0);
      if (next[edge] === 0) {
        next[edge] = states;
        states += 1;
      }
      state = next[edge] ?? 0;
    }
    (ends[state] ??= []).push(index);
  }
  // Breadth first: where a text breaks off, its longest end that begins another goes on.
  const fallback = new Int32Array(states);
  const pending = Array.from({ length: classes }, (_, step) => next[step] ?? 0).filter(Boolean);
  for (let at = 0; at < pending.length; at += 1) {
    const state = pending[at] ?? 0;
    const back = fallback[state] ?? 0;
    const inherited = ends[back];
    if (inherited !== undefined) ends[state] = [...(ends[state] ?? []), ...inherited];
    for (let step = 0; step < classes; step += 1) {
      const target = next[state * classes + step] ?? 0;
      const other = next[back * classes + step] ?? 0;
      if (target === 0) {
        next[state * classes + step] = other;
      } else {
        fallback[target] = other;
        pending.push(target);
      }
    }
  }
  return { next, ends };
}
