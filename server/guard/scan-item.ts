import type {
  CanaryMatcher,
  ScanFinding,
  ScanItem,
  ScanResult,
  SensitiveMatch,
  TextKind,
  TextSignal,
} from '#server/guard/contract.ts';
import { suspiciousScoreMin } from '#server/guard/classifier/calibrate.ts';
import type { TextScore } from '#server/guard/classifier/score-text.ts';
import { findContradictions } from '#server/guard/find-contradictions.ts';
import { findUnexpectedDestinations } from '#server/guard/find-unexpected-destinations.ts';
import { inspectText } from '#server/guard/inspect-text.ts';
import { sanitiseText } from '#server/guard/sanitise-text.ts';
import { verdictOf } from '#server/guard/score-injection.ts';

/** What a scan goes by. */
export interface ScanTools {
  readonly canaries: CanaryMatcher | null;
  /** The classifier: ours, or an adapter's. */
  readonly score: (text: string, kind: TextKind) => TextScore;
}

/** A scan with the detectors' own words, for whoever records it. */
export interface ScannedItem {
  readonly result: ScanResult;
  readonly sensitive: readonly SensitiveMatch[];
  readonly signals: readonly TextSignal[];
}

/** Signatures are exact: one that reaches its threshold counts as much as a sure classifier. */
const signatureScoreMin = 0.9;
const scoreDigits = 4;

/** Of an output it is asked how it would read to whoever gets it: as content from elsewhere. */
export const kindOf = (item: Pick<ScanItem, 'kind'>): TextKind =>
  item.kind === 'user_input' ? 'user_input' : 'tool_output';

function classifierSignal(found: TextScore): TextSignal {
  return {
    type: 'injected_instruction',
    detector: 'classifier',
    start: found.start,
    end: found.end,
    score: found.score,
    detail: 'The classifier takes this stretch for an instruction to the model.',
  };
}

/** Nothing where the caller does not tell the instructions. */
const contradictionsIn = ({ instructions, request, text }: ScanItem): TextSignal[] =>
  findContradictions({ instructions: instructions ?? '', request: request ?? '', output: text });

/** What the agent is about to say must carry neither credentials nor canaries nor a way out. */
function leakVerdict(scan: Omit<ScannedItem, 'result'>): ScanResult['verdict'] {
  if (scan.signals.some(({ type }) => type === 'canary')) return 'malicious';
  const hasSecret = scan.sensitive.some(({ placeholder }) => placeholder === 'SECRET');
  const hasWayOut = scan.signals.some(({ type }) => type === 'unexpected_destination');
  if (hasWayOut && scan.sensitive.length > 0) return 'malicious';
  const isContradiction = scan.signals.some(({ type }) => type === 'contradiction');
  const isOdd = hasSecret || hasWayOut || isContradiction || scan.sensitive.length > 0;
  return isOdd ? 'suspicious' : 'clean';
}

/** Colours and comments are found in honest output, too. */
const hiddenTextScoreMin = 0.5;

function textVerdict(score: number, signals: readonly TextSignal[]): ScanResult['verdict'] {
  const byScore = verdictOf(score);
  if (byScore !== 'clean') return byScore;
  const isOdd = signals.some(
    ({ type, score: own }) =>
      type === 'canary' || (type === 'hidden_text' && own >= hiddenTextScoreMin),
  );
  return isOdd ? 'suspicious' : 'clean';
}

const gravity: Readonly<Record<ScanResult['verdict'], number>> = {
  clean: 0,
  suspicious: 1,
  malicious: 2,
};

function toFindings(
  scan: Omit<ScannedItem, 'result'>,
  disarmed: readonly ScanFinding[],
): ScanFinding[] {
  const matches = scan.sensitive.map(({ placeholder, detector, start, end }): ScanFinding => {
    const name = detector.replaceAll('_', ' ');
    return placeholder === 'SECRET'
      ? { type: 'secret', start, end, detail: `A credential (${name}).` }
      : { type: 'pii', start, end, detail: `Personal data (${name}).` };
  });
  const signals = scan.signals.map(({ type, start, end, detail }): ScanFinding => ({
    type,
    start,
    end,
    detail,
  }));
  return [...matches, ...signals, ...disarmed].toSorted(
    (a, b) => a.start - b.start || a.end - b.end,
  );
}

/**
 * Scans one text: exact detectors, signatures and the classifier, then the cleaned text. Pure; 50 µs a
 * kB. `score` is the classifier's, lifted to 0.9 where a signature is sure. What was disarmed is told among
 * the findings and weighs nothing in the verdict: honest pages hold links and pictures.
 */
export function scanItem(item: ScanItem, tools: ScanTools): ScannedItem {
  const { text, kind } = item;
  const inspection = inspectText(text, {
    name: null,
    canaries: tools.canaries,
    // Whoever may ask for a scan must not have a guess at a kept secret confirmed.
    kept: null,
    voice: kind === 'user_input' ? 'user' : 'data',
    places: item.tool === undefined || item.tool === null ? [] : [item.tool],
  });
  const found = tools.score(text, kindOf(item));
  const hasSignature = inspection.signals.some(({ type }) => type === 'injected_instruction');
  const signals = [
    ...inspection.signals,
    ...(found.score >= suspiciousScoreMin && !hasSignature ? [classifierSignal(found)] : []),
    ...(kind === 'output' ? findUnexpectedDestinations(text, item.destination ?? null) : []),
    ...(kind === 'output' ? contradictionsIn(item) : []),
  ];
  const score = hasSignature ? Math.max(found.score, signatureScoreMin) : found.score;
  const scan = { sensitive: inspection.sensitive, signals };
  const verdicts = [textVerdict(score, signals)];
  if (kind === 'output') verdicts.push(leakVerdict(scan));
  const sanitised = sanitiseText(text, kind, scan.sensitive, signals);
  const verdict = verdicts.reduce((a, b) => (gravity[b] > gravity[a] ? b : a));
  return {
    ...scan,
    result: {
      verdict,
      score: Number(score.toFixed(scoreDigits)),
      findings: toFindings(scan, sanitised.disarmed),
      sanitised: sanitised.text,
    },
  };
}
