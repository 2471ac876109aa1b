import { z } from 'zod';
import {
  evaluateEvent,
  type OpenWindow,
  type WindowStore,
} from '#server/detection/evaluate-event.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import type { CompiledRule, RuleTests } from '#server/detection/sigma/compiled-rule.ts';
import { readerOf } from '#server/detection/sigma/prepared-event.ts';
import { limits } from '#server/kernel/limits.ts';

/** One of a rule's own tests, run. */
export interface RuleTestResult {
  readonly kind: 'hit' | 'miss';
  readonly index: number;
  readonly isPassed: boolean;
}

/**
 * How a test's events follow each other; everything else in a test's event is a field under the
 * name that rules use. `$after_ms`: since the event before (a second). `$repeat`: so many of them,
 * `$every_ms` apart.
 */
const pacingSchema = z.looseObject({
  $after_ms: z.number().int().min(0).default(1000),
  $repeat: z.number().int().min(1).max(1000).default(1),
  $every_ms: z.number().int().min(0).default(0),
  'event.kind': z.string().default('tool_call'),
});

/** All tests of a rule together make more events than `limits.ruleTestEventsMax`. */
export class TooManyTestEvents extends Error {
  constructor() {
    super(`Its tests make more than ${limits.ruleTestEventsMax} events; repeat less.`);
    this.name = 'TooManyTestEvents';
  }
}

/**
 * Runs a rule's tests: a hit must make it fire, a miss must not. Fields that every event has and a
 * test leaves out are filled in, so that a test says only what matters to its rule.
 * @throws TooManyTestEvents before any has run
 */
export function runRuleTests(
  rules: readonly CompiledRule[],
  main: CompiledRule,
  tests: RuleTests,
): RuleTestResult[] {
  const all = [...tests.hits, ...tests.misses].flat();
  const events = all.reduce((sum, item) => sum + pacingSchema.parse(item).$repeat, 0);
  if (events > limits.ruleTestEventsMax) throw new TooManyTestEvents();
  const run = (kind: 'hit' | 'miss') => (events: RuleTests['hits'][number], index: number) => {
    const hasFired = fires(rules, main, events);
    return { kind, index, isPassed: hasFired === (kind === 'hit') };
  };
  return [...tests.hits.map(run('hit')), ...tests.misses.map(run('miss'))];
}

function fires(
  rules: readonly CompiledRule[],
  main: CompiledRule,
  events: RuleTests['hits'][number],
): boolean {
  const pack = buildPack([{ ruleId: 'test', version: 1, rules }]);
  const windows = memoryWindows();
  let at = 0;
  let sequence = 0;
  let hasFired = false;
  for (const item of events) {
    const { $after_ms, $repeat, $every_ms, ...fields } = pacingSchema.parse(item);
    at += $after_ms;
    for (let round = 0; round < $repeat; round += 1) {
      if (round > 0) at += $every_ms;
      sequence += 1;
      const reader = readerOf({ 'event.status': 'ok', ...identity, ...fields });
      const category = fields['event.kind'];
      const event = { eventId: `e${sequence}`, category, at, fields: reader };
      hasFired ||= evaluateEvent(pack, event, windows, 0).some(({ rule }) => rule === main);
    }
  }
  return hasFired;
}

/** Who and where, when a test does not care. */
const identity = { 'agent.slug': 'tested', 'trace.id': '0'.repeat(32), 'session.id': 's' };

/** Windows that live as long as the process needs them. */
export function memoryWindows(): WindowStore {
  const windows = new Map<string, OpenWindow>();
  return {
    open: (scope, group) => {
      const window = windows.get(`${scope} ${group}`) ?? { state: null };
      windows.set(`${scope} ${group}`, window);
      return window;
    },
  };
}
