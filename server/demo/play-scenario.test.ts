import { describe, expect, it } from 'vitest';
import { incidentScenarios, quietScenarios } from '#db/scenarios/index.ts';
import { demoCanary } from '#db/scenarios/research.ts';
import { scenarioTools } from '#db/scenarios/tools.ts';
import { commonTools } from '#server/agents/common-tools.ts';
import { wireEventSchema } from '#server/telemetry/contract.ts';
import { chooseWords, fillTemplate, seededRandom } from './fill-template.ts';
import { playScenario } from './play-scenario.ts';

const all = [...quietScenarios, ...incidentScenarios];
const startMs = Date.parse('2026-11-22T08:00:00Z');
const play = (name: string, seed = 1) => {
  const scenario = all.find((one) => one.name === name);
  if (!scenario) throw new Error(`no scenario ${name}`);
  return playScenario(scenario, { id: `r-${seed}`, startMs, random: seededRandom(seed) });
};
const effectOf = new Map<string, string>(
  [...commonTools, ...scenarioTools].map((tool) => [tool.name, tool.effectClass]),
);

describe('fillTemplate', () => {
  const words = { city: 'Porto', order: 7 };
  it.each([
    ['to {{city}}', 'to Porto'],
    ['{{order}}', '7'],
    ['{{#order}}', 7],
    ['no. {{#order}}', 'no. {{#order}}'],
    [null, null],
    [{ a: ['{{city}}', 1, true] }, { a: ['Porto', 1, true] }],
  ])('%o becomes %o', (template, expected) => {
    expect(fillTemplate(template, words)).toEqual(expected);
  });

  it('refuses a word that nobody chose', () => {
    expect(() => fillTemplate('{{town}}', words)).toThrow('town');
  });
});

describe('seededRandom', () => {
  it('gives the same numbers for a seed, others for another, all in [0, 1)', () => {
    const take = (seed: number) => {
      const random = seededRandom(seed);
      return Array.from({ length: 1000 }, () => random());
    };
    expect(take(5)).toEqual(take(5));
    expect(take(5)).not.toEqual(take(6));
    expect(take(5).every((one) => one >= 0 && one < 1)).toBe(true);
    const mean = take(5).reduce((sum, one) => sum + one) / 1000;
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.05);
  });

  it('chooses other words for other runs', () => {
    const customers = new Set(
      Array.from({ length: 50 }, (_, seed) => chooseWords(seededRandom(seed))['customer']),
    );
    expect(customers.size).toBeGreaterThan(6);
  });
});

describe.each(all.map((scenario) => [scenario.name, scenario] as const))('%s', (name, scenario) => {
  it('gives events that the door takes, in order, each once', () => {
    const played = play(name);
    for (const { event } of played) expect(wireEventSchema.parse(event)).toEqual(event);
    expect(new Set(played.map(({ event }) => event.id)).size).toBe(played.length);
    expect(played.map(({ atMs }) => atMs)).toEqual(
      played.map(({ atMs }) => atMs).toSorted((a, b) => a - b),
    );
    expect(new Set(played.map(({ event }) => event.traceId)).size).toBe(1);
  });

  it('is one tree', () => {
    const played = play(name);
    const spans = new Set(played.map(({ event }) => event.spanId));
    const roots = played.filter(({ event }) => event.parentSpanId === null);
    expect(roots).toHaveLength(1);
    expect(played.every(({ event }) => !event.parentSpanId || spans.has(event.parentSpanId))).toBe(
      true,
    );
  });

  it('leaves no word unfilled, and is the same for the same seed', () => {
    expect(JSON.stringify(play(name))).not.toContain('{{');
    expect(play(name, 3)).toEqual(play(name, 3));
  });

  it('names only tools that the tools table knows', () => {
    const unknown = scenario.steps
      .filter((step) => step.kind === 'tool_call')
      .map((step) => step.name ?? '')
      .filter((tool) => !effectOf.has(tool));
    expect(unknown).toEqual([]);
  });
});

describe('ordinary scenarios', () => {
  it('let nothing leave the house after something untrusted came in', () => {
    for (const scenario of quietScenarios) {
      const untrusted = scenario.steps.findIndex((step) => step.trust === 'untrusted');
      const leaving = scenario.steps.findIndex(
        (step, at) =>
          step.kind === 'tool_call' &&
          untrusted !== -1 &&
          at > untrusted &&
          ['money', 'outbound'].includes(effectOf.get(step.name ?? '') ?? 'unknown'),
      );
      expect([scenario.name, leaving]).toEqual([scenario.name, -1]);
    }
  });
});

describe('incidents', () => {
  it('come as injection, canary and loop', () => {
    expect(incidentScenarios.map((one) => one.incident)).toEqual([
      'prompt-injection',
      'leaked-canary',
      'runaway-loop',
    ]);
  });

  it('pay after reading an untrusted mail that tells them to', () => {
    const played = play('prompt-injection').map(({ event }) => event);
    const mail = played.findIndex((event) => event.source?.trust === 'untrusted');
    const payment = played.findIndex((event) => event.name === 'send_money');
    expect(mail).toBeGreaterThan(-1);
    expect(payment).toBeGreaterThan(mail);
    expect(effectOf.get('send_money')).toBe('money');
  });

  it('carry the canary out of its home', () => {
    const outside = play('leaked-canary')
      .map(({ event }) => event)
      .filter((event) => JSON.stringify(event).includes(demoCanary.marker))
      .map((event) => event.name);
    expect(outside).toContain('http_request');
    expect(demoCanary.homes).not.toContain('http_request');
    expect(outside).toContain(demoCanary.homes[0]);
  });

  it('write more than a hundred times in one second', () => {
    const writes = play('runaway-loop').filter(({ event }) => event.name === 'update_invoice');
    const starts = writes.map(({ event }) => Date.parse(event.startedAt));
    const within = starts.filter((at) => at < (starts[0] ?? 0) + 1000);
    expect(within.length).toBeGreaterThan(110);
  });
});
