/** A stretch of a text and what stands there instead. UTF-16 code units, `end` exclusive. */
export interface Rewrite {
  readonly start: number;
  readonly end: number;
  readonly mark: string;
}

/** A text that is rewritten step by step and remembers where each of its characters came from. */
export class TracedText {
  #text: string;
  /** Of each code unit the stretch of the original that it stands for; null while nothing changed. */
  #starts: Uint32Array | null = null;
  #ends: Uint32Array | null = null;

  constructor(original: string) {
    this.#text = original;
  }

  get text(): string {
    return this.#text;
  }

  /** The stretch of the original that a stretch of at least one character of this text stands for. */
  originOf(start: number, end: number): { readonly start: number; readonly end: number } {
    return { start: this.#starts?.[start] ?? start, end: this.#ends?.[end - 1] ?? end };
  }

  /** Rewrites stretches, which are in order and do not overlap. */
  rewrite(rewrites: readonly Rewrite[]): void {
    if (rewrites.length === 0) return;
    const growth = rewrites.reduce(
      (sum, { start, end, mark }) => sum + mark.length - end + start,
      0,
    );
    const starts = new Uint32Array(this.#text.length + growth);
    const ends = new Uint32Array(starts.length);
    let text = '';
    const add = (piece: string, originOf: (index: number) => { start: number; end: number }) => {
      for (let index = 0; index < piece.length; index += 1) {
        const origin = originOf(index);
        starts[text.length + index] = origin.start;
        ends[text.length + index] = origin.end;
      }
      text += piece;
    };
    const keep = (from: number, to: number) =>
      add(this.#text.slice(from, to), (index) => this.originOf(from + index, from + index + 1));
    let from = 0;
    for (const { start, end, mark } of rewrites) {
      keep(from, start);
      const origin = this.originOf(start, end);
      add(mark, () => origin);
      from = end;
    }
    keep(from, this.#text.length);
    this.#text = text;
    this.#starts = starts;
    this.#ends = ends;
  }
}
