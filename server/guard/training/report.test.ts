import { describe, expect, it } from 'vitest';
import type { Verdict } from './cross-examine.ts';
import { calibrateKinds, printReport, reportOn } from './report.ts';

const verdict = (corpus: string, isAttack: boolean, value: number): Verdict => ({
  sample: { corpus, kind: 'tool_output', isAttack, text: '', span: null, style: '' },
  value,
});

const verdicts = [
  ...[1, 2, 3, 9].map((value) => verdict('both', false, value)),
  ...[4, 5, 6, 10].map((value) => verdict('both', true, value)),
  ...[1, 2].map((value) => verdict('innocent', false, value)),
  ...[7, 8].map((value) => verdict('attacks', true, value)),
];

describe('reportOn', () => {
  const report = reportOn(verdicts, calibrateKinds(verdicts));

  it('tells the area under the curve of a corpus that has both kinds of text', () => {
    // Of 16 pairs the innocent text that scored 9 is above three attacks.
    expect(report.corpora.map(({ corpus, auc }) => [corpus, auc])).toEqual([
      ['attacks', null],
      ['both', 0.813],
      ['innocent', null],
    ]);
  });

  it('prints it beside the recall, and a dash where there is none', () => {
    const lines = printReport(report).split('\n');
    expect(lines.find((line) => line.startsWith('| both | tool_output'))).toContain('| 0.813 |');
    expect(lines.find((line) => line.startsWith('| innocent |'))).toContain('| – | – | 0 |');
    const widths = lines
      .slice(lines.findIndex((line) => line.startsWith('| corpus')))
      .map((line) => line.split('|').length);
    expect(new Set(widths).size).toBe(1);
  });
});

describe('calibrateKinds', () => {
  it('lets our own innocent texts count no more for being many', () => {
    const others = Array.from({ length: 1000 }, (_, index) =>
      verdict('mails', false, index / 1000),
    );
    const own = (count: number) =>
      Array.from({ length: count }, (_, index) =>
        verdict('own-contents-a', false, 2 + index / count),
      );
    const [few, many] = [50, 5000].map((count) => {
      const knots = calibrateKinds([...others, ...own(count)]).tool_output;
      return knots.find(({ score }) => score === 0.5)?.value ?? 0;
    });
    expect(few).toBeGreaterThan(2);
    expect(many).toBeCloseTo(few ?? 0, 1);
  });
});
