import { describe, expect, it } from 'vitest';
import { commonTools, unknownToolFacts } from '#server/agents/common-tools.ts';
import { limits } from '#server/kernel/limits.ts';
import { assessRisk, bandOf } from './assess-risk.ts';
import { type RiskInput, riskSchema } from './contract.ts';
import { bandRules, evaluateAction, isTighter } from './evaluate-action.ts';
import { measureArguments } from './measure-arguments.ts';
import { policyVersionOf } from './policy-version.ts';

const quiet = {
  measures: { recipients: null, rows: null, amountMagnitude: null, isComplete: true },
  hasUntrustedUpstream: false,
  isFirstUse: false,
  openAlerts: 0,
  environment: 'staging',
} as const;

function inputOf(name: string, change: Partial<RiskInput> = {}): RiskInput {
  const found = commonTools.find((tool) => tool.name === name);
  const { reversibility, sensitivity, blastRadius, effectClass } = found ?? unknownToolFacts;
  const isKnown = found !== undefined;
  return {
    tool: { name, isKnown, reversibility, sensitivity, blastRadius, effectClass },
    ...quiet,
    ...change,
  };
}
const measures = (change: Partial<RiskInput['measures']>) => ({
  measures: { ...quiet.measures, ...change },
});
const tainted = (isWhole: boolean, ...names: string[]): Partial<RiskInput> => ({
  hasUntrustedUpstream: true,
  untrustedArguments: {
    isWhole,
    links: names.map((argument) => ({ argument, eventId: 'e', traceId: 'a'.repeat(32) })),
  },
});
const hundred = measures({ amountMagnitude: 2 });

describe('assessRisk', () => {
  it.each<[string, Partial<RiskInput>, number, string]>([
    ['read_file', {}, 29, 'low'],
    ['get_balance', {}, 34, 'low'],
    ['web_search', {}, 40, 'low'],
    ['web_search', { hasUntrustedUpstream: true }, 50, 'medium'],
    ['web_search', tainted(true), 50, 'medium'],
    ['web_search', tainted(true, 'query'), 54, 'medium'],
    ['web_search', tainted(false), 54, 'medium'],
    ['write_file', {}, 52, 'medium'],
    ['write_file', tainted(true), 66, 'medium'],
    ['write_file', tainted(true, 'content'), 71, 'high'],
    ['write_file', tainted(false), 71, 'high'],
    ['delete_file', {}, 62, 'medium'],
    ['send_money', hundred, 74, 'high'],
    ['send_money', { ...hundred, environment: 'production' }, 77, 'high'],
    ['send_money', { ...hundred, hasUntrustedUpstream: true }, 92, 'critical'],
    ['send_money', { ...hundred, hasUntrustedUpstream: null }, 92, 'critical'],
    ['send_money', measures({ amountMagnitude: 5 }), 100, 'critical'],
    ['send_money', measures({ amountMagnitude: null }), 100, 'critical'],
    ['send_email', {}, 86, 'high'],
    ['send_email', { environment: 'production' }, 90, 'high'],
    ['send_email', measures({ recipients: 100 }), 93, 'critical'],
    ['query_database', {}, 46, 'low'],
    ['query_database', measures({ rows: 10_001 }), 54, 'medium'],
    ['bash', {}, 93, 'critical'],
    ['nobody_knows_me', {}, 100, 'critical'],
    ['read_file', { openAlerts: 2 }, 33, 'low'],
    [
      'read_file',
      { openAlerts: null, isFirstUse: null, hasUntrustedUpstream: null, environment: null },
      45,
      'low',
    ],
    ['read_file', measures({ isComplete: false }), 49, 'low'],
  ])('%s %o → %i %s', (name, change, score, band) => {
    const risk = assessRisk(inputOf(name, change));
    expect({ score: risk.score, band: risk.band }).toEqual({ score, band });
  });

  it('never falls when any grade or circumstance worsens', () => {
    for (const { name } of commonTools) {
      const base = inputOf(name, hundred);
      const score = assessRisk(base).score;
      for (const fact of ['reversibility', 'sensitivity', 'blastRadius'] as const) {
        const worse = { ...base, tool: { ...base.tool, [fact]: Math.min(4, base.tool[fact] + 1) } };
        expect(assessRisk(worse).score).toBeGreaterThanOrEqual(score);
      }
      for (const change of [
        { hasUntrustedUpstream: true },
        { isFirstUse: true },
        { openAlerts: 1 },
        { environment: 'production' },
      ]) {
        expect(assessRisk({ ...base, ...change }).score).toBeGreaterThan(score - 1);
      }
    }
  });

  it.each(['hasUntrustedUpstream', 'isFirstUse', 'openAlerts', 'environment'] as const)(
    'counts an unknown %s as the worst',
    (name) => {
      const worst = {
        hasUntrustedUpstream: true,
        isFirstUse: true,
        openAlerts: 9,
        environment: 'production',
      };
      const unknown = assessRisk(inputOf('write_file', { [name]: null })).score;
      expect(unknown).toBe(assessRisk(inputOf('write_file', { [name]: worst[name] })).score);
      expect(unknown).toBeGreaterThan(assessRisk(inputOf('write_file')).score);
    },
  );

  it('names the arguments that untrusted content had, and says where it could not look', () => {
    const factorOf = (input: Partial<RiskInput>) =>
      assessRisk(inputOf('write_file', input)).factors.find(
        ({ name }) => name === 'untrusted_argument',
      );
    expect(factorOf(tainted(true))).toBeUndefined();
    expect(factorOf(tainted(false))).toMatchObject({ value: 'unknown' });
    const found = factorOf(tainted(false, 'path', 'content'));
    expect(found).toMatchObject({ value: true, sources: [{ argument: 'path' }, {}] });
    expect(found?.reason).toMatch(/path, content$/);
  });

  it('explains every factor, and stays within its own schema', () => {
    for (const { name } of commonTools) {
      const risk = assessRisk(inputOf(name, { isFirstUse: true, openAlerts: 3 }));
      expect(riskSchema.parse(risk)).toEqual(risk);
      expect(risk.factors.map((factor) => factor.name).slice(0, 3)).toEqual([
        'reversibility',
        'sensitivity',
        'blast_radius',
      ]);
      for (const factor of risk.factors) expect(factor.reason).toMatch(/\S{3}/);
    }
  });

  it.each([
    [0, 'low'],
    [49, 'low'],
    [50, 'medium'],
    [69, 'medium'],
    [70, 'high'],
    [91, 'high'],
    [92, 'critical'],
    [100, 'critical'],
  ])('puts %i into %s', (score, band) => expect(bandOf(score)).toBe(band));
});

describe('measureArguments', () => {
  it.each<[Record<string, unknown>, Partial<RiskInput['measures']>]>([
    [{}, {}],
    [
      { recipient: 'DE89', amount: 100 },
      { recipients: 1, amountMagnitude: 2 },
    ],
    [{ to: 'a@x.org, b@x.org; A@x.org' }, { recipients: 2 }],
    [{ message: { to: ['a@x.org'], cc: [['b@x.org']] } }, { recipients: 2 }],
    [{ Amount: '1000.00' }, { amountMagnitude: 3 }],
    [{ amount: -250_000 }, { amountMagnitude: 5 }],
    [{ amount: 0 }, { amountMagnitude: 0 }],
    [{ amount: 0.05 }, { amountMagnitude: 0 }],
    [{ amount: 'ten', limit: 'all' }, {}],
    [{ amount: 1, nested: [{ amount: 5000 }] }, { amountMagnitude: 3 }],
    [{ limit: 50, inner: { max_rows: 20_000 } }, { rows: 20_000 }],
    [{ amount: '', total: ' ' }, {}],
  ])('%o → %o', (args, expected) => {
    expect(measureArguments(args)).toEqual({ ...quiet.measures, ...expected });
  });

  it('says when it did not look at everything', () => {
    const many = Array.from({ length: limits.argumentValuesMax + 1 }, () => 1);
    expect(measureArguments({ many }).isComplete).toBe(false);
    expect(measureArguments({ few: many.slice(0, 10) }).isComplete).toBe(true);
  });
});

describe('evaluateAction', () => {
  const judge = (name: string, change: Partial<RiskInput> = {}) =>
    evaluateAction({ hasPolicy: true, agentState: 'active', risk: inputOf(name, change) });

  it.each<[string, Partial<RiskInput>, string, number, boolean]>([
    ['read_file', {}, 'allow', 0, false],
    ['write_file', {}, 'hold', 1, false],
    ['send_money', hundred, 'hold', 1, true],
    ['send_money', { ...hundred, hasUntrustedUpstream: true }, 'hold', 2, true],
    ['never_heard_of', {}, 'hold', 2, true],
  ])('%s %o → %s, %i people', (name, change, decision, needs, isFreshSignInNeeded) => {
    expect(judge(name, change)).toMatchObject({ decision, needs, isFreshSignInNeeded });
  });

  it('denies everything without a tools table, and to a disabled agent', () => {
    const risk = inputOf('read_file');
    expect(evaluateAction({ hasPolicy: false, agentState: 'active', risk })).toMatchObject({
      decision: 'deny',
      reasons: [{ code: 'no_policy' }],
    });
    expect(evaluateAction({ hasPolicy: true, agentState: 'disabled', risk })).toMatchObject({
      decision: 'deny',
      reasons: [{ code: 'agent_disabled' }],
    });
  });

  it('says why: the band, and that a tool is unknown', () => {
    expect(judge('x').reasons.map(({ code }) => code)).toEqual(['band_critical', 'unknown_tool']);
  });

  it('gives graver bands less time and more people', () => {
    expect(bandRules.critical.windowSeconds).toBeLessThan(bandRules.high.windowSeconds);
    expect(bandRules.high.windowSeconds).toBeLessThan(bandRules.medium.windowSeconds);
    expect(bandRules.critical.needs).toBe(2);
  });
});

describe('isTighter', () => {
  const allow = { decision: 'allow', needs: 0, isFreshSignInNeeded: false } as const;
  const medium = { decision: 'hold', needs: 1, isFreshSignInNeeded: false } as const;
  const high = { decision: 'hold', needs: 1, isFreshSignInNeeded: true } as const;
  const critical = { decision: 'hold', needs: 2, isFreshSignInNeeded: true } as const;
  const deny = { decision: 'deny', needs: 0, isFreshSignInNeeded: false } as const;
  const order = [allow, medium, high, critical, deny] as const;
  it.each(order.flatMap((then, i) => order.map((now, j) => [then, now, j > i] as const)))(
    '%o then, %o now: %s',
    (then, now, expected) => {
      // From deny nothing is granted, so nothing can be redeemed that became tighter or looser.
      if (then === deny) return;
      expect(isTighter(then, now)).toBe(expected);
    },
  );
});

describe('policyVersionOf', () => {
  it('changes with every fact of the tool, and with nothing else', () => {
    const { tool } = inputOf('send_money');
    const version = policyVersionOf(tool);
    expect(policyVersionOf({ ...tool })).toBe(version);
    for (const change of [
      { name: 'send_cash' },
      { isKnown: false },
      { reversibility: 3 },
      { sensitivity: 3 },
      { blastRadius: 2 },
      { effectClass: 'read' as const },
    ]) {
      expect(policyVersionOf({ ...tool, ...change })).not.toBe(version);
    }
  });
});
