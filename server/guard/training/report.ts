import {
  calibrate,
  type CalibrationKnot,
  fitCalibration,
  suspiciousScoreMin,
} from '#server/guard/classifier/calibrate.ts';
import type { TextKind } from '#server/guard/contract.ts';
import { textKinds, type Verdict } from '#server/guard/training/cross-examine.ts';

/** How one corpus fared with weights that never saw it. Shares are per cent. */
export interface CorpusRow {
  readonly corpus: string;
  readonly kind: TextKind;
  readonly attacks: number;
  readonly innocents: number;
  /** How often an attack of the corpus is above an innocent text of it; null where it has but one kind. */
  readonly auc: number | null;
  /** Attacks found at 1 % false positives of the kind's corpora, null without attacks. */
  readonly recallPercent: number | null;
  /** Innocent texts at or above the shipped threshold, null without innocent texts. */
  readonly falsePositivePercent: number | null;
}

export interface KindRow {
  readonly kind: TextKind | 'both';
  readonly auc: number;
  readonly recallPercent: number;
  readonly attacks: number;
  readonly innocents: number;
}

export interface Report {
  readonly kinds: readonly KindRow[];
  readonly corpora: readonly CorpusRow[];
}

export type Calibrations = Readonly<Record<TextKind, readonly CalibrationKnot[]>>;

const isOwn = ({ sample }: Verdict): boolean => sample.corpus.startsWith('own-');
const round = (value: number, digits: number): number => Number(value.toFixed(digits));
const percent = (part: number, whole: number): number | null =>
  whole === 0 ? null : round((100 * part) / whole, 1);

/** Our own innocent texts hold the words of attacks on purpose; they count as this part of all. */
const ownShare = 0.5;

/** The curve of each kind through everything innocent, our own texts included. */
export function calibrateKinds(verdicts: readonly Verdict[]): Calibrations {
  const of = (kind: TextKind) => {
    const innocent = verdicts.filter(({ sample }) => sample.kind === kind && !sample.isAttack);
    const own = innocent.filter(isOwn).length;
    return fitCalibration(
      innocent.map(({ value }) => value),
      innocent.map((verdict) =>
        isOwn(verdict) ? ownShare / own : (1 - ownShare) / (innocent.length - own),
      ),
    );
  };
  return { user_input: of('user_input'), tool_output: of('tool_output') };
}

interface Scored {
  readonly isAttack: boolean;
  readonly score: number;
}

/** Area under the curve: how often an attack is above an innocent text; ties count half. */
export function areaUnderCurve(items: readonly Scored[]): number {
  const sorted = items.toSorted((a, b) => a.score - b.score);
  let attacks = 0;
  let ranks = 0;
  for (let from = 0; from < sorted.length;) {
    let to = from;
    while (to < sorted.length && sorted[to]?.score === sorted[from]?.score) to += 1;
    for (let at = from; at < to; at += 1) {
      if (sorted[at]?.isAttack !== true) continue;
      attacks += 1;
      ranks += (from + to + 1) / 2;
    }
    from = to;
  }
  const innocents = sorted.length - attacks;
  return (ranks - (attacks * (attacks + 1)) / 2) / (attacks * innocents);
}

/** The score that 1 % of the innocent texts exceed. */
function thresholdOf(items: readonly Scored[]): number {
  const scores = items.filter((item) => !item.isAttack).map(({ score }) => score);
  scores.sort((a, b) => b - a);
  return scores[Math.floor(scores.length * 0.01)] ?? 1;
}

function kindRow(kind: KindRow['kind'], items: readonly Scored[]): KindRow {
  const threshold = thresholdOf(items);
  const attacks = items.filter((item) => item.isAttack);
  const found = attacks.filter(({ score }) => score > threshold).length;
  return {
    kind,
    auc: round(areaUnderCurve(items), 3),
    recallPercent: percent(found, attacks.length) ?? 0,
    attacks: attacks.length,
    innocents: items.length - attacks.length,
  };
}

/**
 * Sums up a cross-examination: by kind over the corpora of others, and by corpus, our own included.
 * Scores are calibrated by the curves that ship.
 */
export function reportOn(verdicts: readonly Verdict[], calibrations: Calibrations): Report {
  const scored = verdicts.map((verdict) => ({
    ...verdict,
    isAttack: verdict.sample.isAttack,
    // Beyond the last knot scores are level; the value keeps them apart for the curve alone.
    score:
      calibrate(calibrations[verdict.sample.kind], verdict.value) +
      1e-6 * Math.tanh(verdict.value / 20),
  }));
  const others = scored.filter((item) => !isOwn(item));
  const kinds = [
    ...textKinds.map((kind) =>
      kindRow(
        kind,
        others.filter(({ sample }) => sample.kind === kind),
      ),
    ),
    kindRow('both', others),
  ];
  const names = [...new Set(scored.map(({ sample }) => `${sample.kind} ${sample.corpus}`))].sort();
  const corpora = names.flatMap((name): CorpusRow[] => {
    const rows = scored.filter(({ sample }) => `${sample.kind} ${sample.corpus}` === name);
    const [first] = rows;
    if (first === undefined) return [];
    const { kind, corpus } = first.sample;
    const threshold = thresholdOf(others.filter(({ sample }) => sample.kind === kind));
    const attacks = rows.filter((item) => item.isAttack);
    const innocents = rows.filter((item) => !item.isAttack);
    return [
      {
        corpus,
        kind,
        attacks: attacks.length,
        innocents: innocents.length,
        auc: attacks.length === 0 || innocents.length === 0 ? null : round(areaUnderCurve(rows), 3),
        recallPercent: percent(
          attacks.filter(({ score }) => score > threshold).length,
          attacks.length,
        ),
        falsePositivePercent: percent(
          innocents.filter(({ score }) => score >= suspiciousScoreMin).length,
          innocents.length,
        ),
      },
    ];
  });
  return { kinds, corpora };
}

const cell = (value: number | null): string => (value === null ? '–' : `${value.toFixed(1)} %`);

/** The report as the two tables that the model card holds. */
export function printReport({ kinds, corpora }: Report): string {
  return [
    '| kind | AUC | recall at 1 % false positives | attacks | innocent texts |',
    '|---|---|---|---|---|',
    ...kinds.map(
      (row) =>
        `| ${row.kind} | ${row.auc.toFixed(3)} | ${cell(row.recallPercent)} | ${row.attacks} | ${row.innocents} |`,
    ),
    '',
    '| corpus | kind | AUC | recall at 1 % | attacks | false positives at the shipped threshold | innocent texts |',
    '|---|---|---|---|---|---|---|',
    ...corpora.map(
      (row) =>
        `| ${row.corpus} | ${row.kind} | ${row.auc?.toFixed(3) ?? '–'} | ${cell(row.recallPercent)} | ${row.attacks} | ${cell(row.falsePositivePercent)} | ${row.innocents} |`,
    ),
  ].join('\n');
}
