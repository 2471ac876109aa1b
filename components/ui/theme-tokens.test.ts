import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const severityTokens = ['critical', 'high', 'medium', 'low', 'info'] as const;

type Rgb = readonly [number, number, number];
type Lab = readonly [number, number, number];
type Mode = 'light' | 'dark';

const css = readFileSync(new URL('../../app/globals.css', import.meta.url), 'utf8');
const pair = /--color-([a-z0-9-]+): light-dark\(\s*oklch\(([\d. ]+)\),\s*oklch\(([\d. ]+)\)\s*\);/g;

function toLab(text: string): Lab {
  const [l = 0, c = 0, h = 0] = text.split(' ').map(Number);
  const angle = (h * Math.PI) / 180;
  return [l, c * Math.cos(angle), c * Math.sin(angle)];
}

const tokens = new Map<string, Readonly<Record<Mode, Lab>>>();
for (const [, name = '', light = '', dark = ''] of css.matchAll(pair)) {
  tokens.set(name, { light: toLab(light), dark: toLab(dark) });
}

function labOf(name: string, mode: Mode): Lab {
  const token = tokens.get(name);
  if (token === undefined) throw new Error(`no token --color-${name}`);
  return token[mode];
}

/** Oklab to linear sRGB, https://bottosson.github.io/posts/oklab/ */
function toLinear([l, a, b]: Lab): Rgb {
  const long = (l + 0.3963377774 * a + 0.2158037573 * b) ** 3;
  const medium = (l - 0.1055613458 * a - 0.0638541728 * b) ** 3;
  const short = (l - 0.0894841775 * a - 1.291485548 * b) ** 3;
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ];
}

function fromLinear([r, g, b]: Rgb): Lab {
  const long = Math.cbrt(0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  const medium = Math.cbrt(0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  const short = Math.cbrt(0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ];
}

const clamp = (value: number) => Math.min(1, Math.max(0, value));

function luminance(lab: Lab): number {
  const [r, g, b] = toLinear(lab);
  return 0.2126 * clamp(r) + 0.7152 * clamp(g) + 0.0722 * clamp(b);
}

/** WCAG 2 contrast ratio. */
function contrast(a: Lab, b: Lab): number {
  const [x, y] = [luminance(a), luminance(b)];
  return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05);
}

/** `color-mix(in oklab, top share, bottom)`, as Tailwind's `/12` draws it over a surface. */
function mix(top: Lab, bottom: Lab, share: number): Lab {
  const part = (index: 0 | 1 | 2) => top[index] * share + bottom[index] * (1 - share);
  return [part(0), part(1), part(2)];
}

/** Full dichromacy after Machado, Oliveira and Fernandes (2009), on linear sRGB. */
const blindness: Readonly<Record<string, readonly [Rgb, Rgb, Rgb]>> = {
  protanopia: [
    [0.152286, 1.052583, -0.204868],
    [0.114503, 0.786281, 0.099216],
    [-0.003882, -0.048116, 1.051998],
  ],
  deuteranopia: [
    [0.367322, 0.860646, -0.227968],
    [0.280085, 0.672501, 0.047413],
    [-0.01182, 0.04294, 0.968881],
  ],
  tritanopia: [
    [1.255528, -0.076749, -0.178779],
    [-0.078411, 0.930809, 0.147602],
    [0.004733, 0.691367, 0.3039],
  ],
};

function seenAs(lab: Lab, matrix: readonly [Rgb, Rgb, Rgb]): Lab {
  const [r, g, b] = toLinear(lab);
  const row = ([x, y, z]: Rgb) => clamp(x * r + y * g + z * b);
  return fromLinear([row(matrix[0]), row(matrix[1]), row(matrix[2])]);
}

function distance(a: Lab, b: Lab): number {
  return Math.hypot(a[0] - b[0], a[1] - b[1], a[2] - b[2]);
}

const modes = ['light', 'dark'] as const;
const surfaces = ['canvas', 'panel', 'raised', 'sunken'] as const;
const words = ['ink', 'ink-muted', 'ink-faint', 'accent', 'ok', 'foreign', ...severityTokens];

describe.each(modes)('%s theme', (mode) => {
  it.each(surfaces.flatMap((surface) => words.map((word) => [word, surface] as const)))(
    '%s on %s reads with at least 4.5 : 1',
    (word, surface) => {
      expect(contrast(labOf(word, mode), labOf(surface, mode))).toBeGreaterThanOrEqual(4.5);
    },
  );

  it.each([
    ...severityTokens.map((level) => [level, 0.12] as const),
    ['accent', 0.12] as const,
    ['ok', 0.1] as const,
    ['foreign', 0.15] as const,
  ])('%s reads on its own tint of %d', (word, share) => {
    for (const surface of surfaces) {
      const tint = mix(labOf(word, mode), labOf(surface, mode), share);
      expect(contrast(labOf(word, mode), tint)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it.each(['ink', 'ink-muted', 'ink-faint'])('%s reads on an open or hovered row', (word) => {
    const open = mix(labOf('accent', mode), labOf('panel', mode), 0.1);
    const hovered = mix(labOf('ink', mode), labOf('panel', mode), 0.04);
    const untrusted = mix(labOf('foreign', mode), labOf('panel', mode), 0.1);
    for (const surface of [open, hovered, untrusted]) {
      expect(contrast(labOf(word, mode), surface)).toBeGreaterThanOrEqual(4.5);
    }
  });

  it('the label of the primary button reads', () => {
    expect(contrast(labOf('accent-ink', mode), labOf('accent', mode))).toBeGreaterThanOrEqual(4.5);
  });

  it.each(surfaces)('controls and focus stand out on %s with at least 3 : 1', (surface) => {
    const ground = labOf(surface, mode);
    expect(contrast(labOf('line-strong', mode), ground)).toBeGreaterThanOrEqual(3);
    expect(contrast(labOf('accent', mode), ground)).toBeGreaterThanOrEqual(3);
  });

  // Shape and word tell severities apart for everyone; colour must at least not contradict them.
  it.each(Object.entries(blindness))('neighbouring severities stay apart under %s', (_, matrix) => {
    for (const [index, level] of severityTokens.entries()) {
      const next = severityTokens[index + 1];
      if (next === undefined) break;
      const a = seenAs(labOf(level, mode), matrix);
      const b = seenAs(labOf(next, mode), matrix);
      expect(distance(a, b), `${level} and ${next}`).toBeGreaterThan(0.04);
    }
  });

  it.each(Object.entries(blindness))('the first six series stay apart under %s', (_, matrix) => {
    const series = [1, 2, 3, 4, 5, 6].map((n) => seenAs(labOf(`series-${n}`, mode), matrix));
    for (const [index, a] of series.entries()) {
      const next = series[index + 1];
      if (next !== undefined) expect(distance(a, next), `${index + 1}`).toBeGreaterThan(0.04);
    }
  });
});

describe('globals.css', () => {
  it('writes every colour as one pair of both themes', () => {
    const declared = [...css.matchAll(/--color-([a-z0-9-]+):/g)].map(([, name]) => name);
    const plain = new Set(['transparent', 'current']);
    expect(declared.filter((name) => name !== undefined && !plain.has(name))).toEqual([
      ...tokens.keys(),
    ]);
  });

  it('quiets motion for whoever asks for it', () => {
    expect(css).toContain('prefers-reduced-motion: reduce');
  });
});
