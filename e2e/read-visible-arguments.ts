import type { Page } from '@playwright/test';
import { readChip } from '#components/ui/split-untrusted-text.ts';

interface Piece {
  /** Drawn as a chip, so that its words stand for something else. */
  readonly isChip: boolean;
  readonly words: string;
}

interface DrawnArgument {
  readonly path: readonly { readonly kind: string; readonly pieces: readonly Piece[] }[];
  readonly kind: string;
  readonly pieces: readonly Piece[];
}

/** What a person can see of the opened arguments: nodes with a size, a colour and nothing over them. */
function collectDrawn(): DrawnArgument[] {
  const canBeSeen = (element: Element): boolean => {
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const style = getComputedStyle(one);
      if (Number(style.opacity) < 0.5 || style.visibility !== 'visible') return false;
      if (style.clipPath !== 'none' || Number.parseFloat(style.fontSize) < 9) return false;
    }
    const { color } = getComputedStyle(element);
    return element.checkVisibility() && !/\/ 0\)|, 0\)$/.test(color);
  };
  const piecesOf = (root: Element): Piece[] => {
    const pieces: Piece[] = [];
    const chips = new Set<Element>();
    const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const parent = node.parentElement;
      if (parent === null) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      const hasSize = [...range.getClientRects()].some((box) => box.height >= 6);
      // Spaces at the end of a line take no room; they are told by what follows.
      const isBlank = (node.textContent ?? '').trim() === '';
      if (!canBeSeen(parent) || (!hasSize && !isBlank)) continue;
      const chip = parent.closest('[data-code-point]');
      if (chip === null) pieces.push({ isChip: false, words: node.textContent ?? '' });
      else if (!chips.has(chip)) {
        chips.add(chip);
        pieces.push({ isChip: true, words: chip.textContent });
      }
    }
    return pieces;
  };
  return [...document.querySelectorAll('[data-argument]')].map((row) => ({
    path: [...row.querySelectorAll('[data-argument-key]')].map((step) => ({
      kind: step.getAttribute('data-argument-key') ?? '',
      pieces: piecesOf(step),
    })),
    kind: row.querySelector('[data-argument-value]')?.getAttribute('data-argument-value') ?? '',
    pieces: [...row.querySelectorAll('[data-argument-value]')].flatMap(piecesOf),
  }));
}

const decode = (pieces: readonly Piece[]) =>
  pieces.map(({ isChip, words }) => (isChip ? (readChip(words) ?? '?') : words)).join('');

/** Puts a value where its path says; containers on the way are made. */
function place(whole: object, path: readonly (string | number)[], value: unknown): void {
  let container = whole;
  for (const [depth, key] of path.entries()) {
    const next = path[depth + 1];
    const known: unknown = Object.getOwnPropertyDescriptor(container, key)?.value;
    const child = next === undefined ? value : (known ?? (typeof next === 'number' ? [] : {}));
    // Defined, not assigned: a key such as `__proto__` is an ordinary key here.
    const property = { value: child, enumerable: true, configurable: true, writable: true };
    Object.defineProperty(container, key, property);
    container = child as object;
  }
}

/** The arguments as a person reads them: visible nodes only, chips read back by the escape table. */
export async function readVisibleArguments(page: Page): Promise<unknown> {
  const whole = {};
  for (const { path, kind, pieces } of await page.evaluate(collectDrawn)) {
    const steps = path.map((step) => {
      const text = decode(step.pieces);
      return step.kind === 'index' ? Number(text.replace(/^\[(\d+)\]$/, '$1')) : text;
    });
    const text = decode(pieces);
    // Words of ours that stand for nothing at all.
    const string = text === 'empty text' ? '' : text;
    place(whole, steps, kind === 'string' ? string : parseOrNothing(text));
  }
  return whole;
}

/** What is not even JSON was not read. */
function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
