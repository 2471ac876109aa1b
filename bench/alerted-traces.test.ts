import { describe, expect, it } from 'vitest';
import { recordedTraceSchema } from '#server/cli/replay-mapping.ts';
import { paraphrasedTraces, shareAlerted } from './alerted-traces.ts';
import { paraphrasedInjections } from './paraphrased-injections.ts';

const trace = (traceId: string) => ({ traceId, isInjected: true, isRead: true });

describe('shareAlerted', () => {
  const alerted = new Map([
    ['a', new Set(['one', 'two'])],
    ['b', new Set(['two'])],
    ['elsewhere', new Set(['one'])],
  ]);

  it('counts a trace once, each of its rules, and no trace of another group', () => {
    const shares = shareAlerted(['a', 'b', 'c', 'd'].map(trace), alerted);
    expect(shares).toEqual({ percent: 50, percentByRule: { one: 25, two: 50 } });
  });

  it('is nothing where nothing was alerted', () => {
    expect(shareAlerted([trace('c')], alerted)).toEqual({ percent: 0, percentByRule: {} });
  });
});

describe('our own injections', () => {
  const lines = paraphrasedTraces().trimEnd().split('\n');
  const traces = lines.map((line) => recordedTraceSchema.parse(JSON.parse(line)));

  it('are at least forty, all different', () => {
    expect(paraphrasedInjections.length).toBeGreaterThanOrEqual(40);
    expect(new Set(paraphrasedInjections.map((item) => item.injection)).size).toBe(
      paraphrasedInjections.length,
    );
  });

  it('stand each beside a twin that differs by the injection alone', () => {
    expect(traces).toHaveLength(2 * paraphrasedInjections.length);
    for (const [index, { injection }] of paraphrasedInjections.entries()) {
      const [injected, clean] = [traces[2 * index], traces[2 * index + 1]].map((one) => {
        const content = one?.messages[2]?.content;
        return typeof content === 'string' ? content : '';
      });
      expect(injected?.includes(injection)).toBe(true);
      expect(clean).toBe(injected?.replace(injection, ''));
    }
  });
});
