import fc from 'fast-check';
import type { Sql } from 'postgres';
import { describe, expect, it } from 'vitest';
import { correlate, evaluateEvent } from '#server/detection/evaluate-event.ts';
import type { RuleFinding } from '#server/detection/evaluate-event.ts';
import { createReplayWindows } from '#server/detection/replay-windows.ts';
import { buildPack } from '#server/detection/rule-pack.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { readerOf } from '#server/detection/sigma/prepared-event.ts';
import { limits } from '#server/kernel/limits.ts';
import { openTestDatabase } from '#server/testing/database.ts';

/**
 * Correlations against plain SQL over the same events: what the engine reports as evidence, fed in
 * the order of time and shuffled within the allowed lateness, is what Postgres finds with every event
 * before it. The SQL knows nothing of how the engine works.
 */
const bed = openTestDatabase();
const spanMs = 60_000;

/** One made-up event: which rules it matches, and its value and group, either of which may lack. */
interface Made {
  readonly at: number;
  readonly rule: number;
  readonly group: string | null;
  readonly value: number | null;
}

interface Case {
  readonly name: string;
  readonly type: string;
  readonly condition: string | null;
  /** `(grp, at, id)` of events that end a window which fires, from `ev` (grp, at, id, rule, val). */
  readonly fired: string;
  /** Of a window that fires, only its last event takes part. */
  readonly isLastOnly?: true;
  /** Events that take part, where that is not every event of a window that fires. */
  readonly taking?: string;
}

const inWindow = `w.grp = e.grp and w.at > e.at - ${spanMs} and w.at <= e.at`;
const aggregate = (measure: string, holds: string, where = '') =>
  `select e.grp, e.at, e.id from ev e cross join lateral
    (select ${measure} as m from ev w where ${inWindow} ${where}) as x where x.m ${holds}`;
const chain = `ev a join ev b on b.grp = a.grp and b.rule = 1 and b.at > a.at
  join ev c on c.grp = a.grp and c.rule = 2 and c.at > b.at and a.at > c.at - ${spanMs}
  where a.rule = 0`;

const cases: readonly Case[] = [
  {
    name: 'event_count at least',
    type: 'event_count',
    condition: '{ gte: 4 }',
    fired: `select grp, at, id from (select grp, at, id, count(*) over (partition by grp
      order by at range between ${spanMs - 1} preceding and current row) as m from ev) as x
      where m >= 4`,
  },
  {
    name: 'event_count within a range',
    type: 'event_count',
    condition: '{ gt: 2, lte: 4 }',
    fired: aggregate('count(*)', 'between 3 and 4'),
  },
  {
    name: 'event_count fewer than',
    type: 'event_count',
    condition: '{ lt: 3 }',
    fired: aggregate('count(*)', '< 3'),
  },
  {
    name: 'event_count exactly',
    type: 'event_count',
    condition: '{ eq: 2 }',
    fired: aggregate('count(*)', '= 2'),
  },
  {
    name: 'event_count other than',
    type: 'event_count',
    condition: '{ neq: 1 }',
    fired: aggregate('count(*)', '<> 1'),
  },
  {
    name: 'value_count at least',
    type: 'value_count',
    condition: '{ field: value, gte: 3 }',
    fired: aggregate('count(distinct val)', '>= 3'),
  },
  {
    name: 'value_count fewer than',
    type: 'value_count',
    condition: '{ field: value, lte: 2 }',
    fired: aggregate('count(distinct val)', '<= 2'),
  },
  {
    name: 'value_sum more than',
    type: 'value_sum',
    condition: '{ field: value, gt: 12 }',
    // With lower bounds alone a negative value counts as none.
    fired: `select grp, at, id from (select grp, at, id, sum(greatest(val, 0)) over (partition by grp
      order by at range between ${spanMs - 1} preceding and current row) as m from ev) as x
      where m > 12`,
  },
  {
    name: 'value_sum less than',
    type: 'value_sum',
    condition: '{ field: value, lt: 5 }',
    fired: aggregate('sum(val)', '< 5'),
  },
  {
    name: 'value_avg more than',
    type: 'value_avg',
    condition: '{ field: value, gt: 3 }',
    fired: `select grp, at, id from (select grp, at, id, avg(val) over (partition by grp
      order by at range between ${spanMs - 1} preceding and current row) as m from ev) as x
      where m > 3`,
  },
  {
    name: 'value_percentile as a rank',
    type: 'value_percentile',
    condition: '{ field: value, percentile: 75, gte: 5 }',
    fired: aggregate('percentile_disc(0.75) within group (order by val)', '>= 5'),
  },
  {
    name: 'value_percentile as a share',
    type: 'value_percentile',
    condition: '{ field: value, lte: 25 }',
    fired: aggregate('100.0 * count(*) filter (where w.val = e.val) / count(*)', '<= 25'),
    isLastOnly: true,
  },
  {
    name: 'temporal',
    type: 'temporal',
    condition: null,
    fired: aggregate('count(distinct rule)', '>= 3'),
  },
  {
    name: 'temporal with a bound of its own',
    type: 'temporal',
    condition: '{ gte: 2 }',
    fired: aggregate('count(distinct rule)', '>= 2'),
  },
  {
    name: 'temporal_ordered',
    type: 'temporal_ordered',
    condition: null,
    fired: `select c.grp, c.at, c.id from ${chain}`,
    taking: ['a', 'b', 'c'].map((e) => `select ${e}.grp, ${e}.id from ${chain}`).join(' union '),
  },
];

function packOf({ type, condition }: Case) {
  const rules = [0, 1, 2].map(
    (rule) => `title: r${rule}
name: r${rule}
logsource: { product: ai_agent }
detection:
  s: { rule: ${rule} }
  condition: s
`,
  );
  const source = `title: c
name: c
correlation:
  type: ${type}
  rules: [r0, r1, r2]
  group-by: [group]
  timespan: ${spanMs / 1000}s
${condition === null ? '' : `  condition: ${condition}\n`}---
${rules.join('---\n')}`;
  const compiled = compileSource(source);
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.problems));
  return buildPack([{ ruleId: 'rul', version: 1, rules: compiled.rules }]);
}

const idOf = (index: number) => `e${String(index).padStart(4, '0')}`;
const told = (rows: Iterable<string>) => [...new Set(rows)].toSorted((a, b) => a.localeCompare(b));

/** `group id` of every event that the engine reports, events coming in the order of `order`. */
function runEngine(made: Case, events: readonly Made[], order: readonly number[]): string[] {
  const pack = packOf(made);
  const windows = createReplayWindows(pack);
  const findings: RuleFinding[] = [];
  for (const index of order) {
    const event = events[index];
    if (event === undefined) continue;
    const { at, rule, group, value } = event;
    const fields = readerOf({ rule, group, value });
    const input = { eventId: idOf(index), category: 'tool_call', at, fields };
    findings.push(...evaluateEvent(pack, input, windows, 0));
  }
  const end = limits.allowedLatenessMs;
  for (const closed of windows.sweep(end)) {
    findings.push(...closed.findings, ...correlate(pack, closed, windows, end));
  }
  return told(
    findings.flatMap(({ group, evidence }) => {
      expect(evidence.filter((item) => item.isLate)).toEqual([]);
      return evidence.map((item) => `${group.join()} ${item.eventId}`);
    }),
  );
}

async function runSql(sql: Sql, made: Case, events: readonly Made[]): Promise<string[]> {
  const needsValue = made.type.startsWith('value_');
  const rows = events
    .map((event, index) => ({ ...event, id: idOf(index) }))
    // An event without a group, or without the value that is counted, belongs nowhere.
    .filter(({ group, value }) => group !== null && !(needsValue && value === null));
  const last =
    made.isLastOnly === true ? 'w.id = f.id' : `w.at > f.at - ${spanMs} and w.at <= f.at`;
  const taking =
    made.taking ??
    `select distinct w.grp, w.id from (${made.fired}) as f join ev w on w.grp = f.grp and ${last}`;
  const found = await sql.unsafe<{ grp: string; id: string }[]>(
    `with ev as materialized (
       select * from unnest($1::text[], $2::bigint[], $3::text[], $4::int[], $5::int[])
         as ev(grp, at, id, rule, val)
     ) ${taking}`,
    [
      rows.map(({ group }) => group),
      rows.map(({ at }) => at),
      rows.map(({ id }) => id),
      rows.map(({ rule }) => rule),
      rows.map(({ value }) => value),
    ],
  );
  return told(found.map(({ grp, id }) => `${grp} ${id}`));
}

const madeEvent: fc.Arbitrary<Made> = fc.record({
  // A quarter of an hour at a coarse grain: many events share an instant, and windows come and go.
  at: fc.integer({ min: 0, max: 200 }).map((tick) => 1_000_000_000 + tick * 5_000),
  rule: fc.integer({ min: 0, max: 2 }),
  group: fc.constantFrom('x', 'x', 'x', 'y', null),
  value: fc.option(fc.integer({ min: -2, max: 8 }), { freq: 8 }),
});

/** Orders of arrival in which nothing comes later than allowed. */
function arrival(events: readonly Made[], delays: readonly number[]): number[] {
  const arrivesAt = (index: number) => (events[index]?.at ?? 0) + (delays[index] ?? 0);
  return events.map((_, index) => index).toSorted((a, b) => arrivesAt(a) - arrivesAt(b));
}

describe('correlations equal plain SQL', () => {
  it.each(cases.map((made) => [made.name, made] as const))('%s', async (_, made) => {
    let fired = 0;
    const size = { minLength: 50, maxLength: 160 };
    const delay = fc.integer({ min: 0, max: limits.allowedLatenessMs - 1 });
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(madeEvent, delay), size), async (drawn) => {
        const events = drawn.map(([event]) => event);
        const expected = await runSql(bed.admin, made, events);
        fired += expected.length;
        const inOrder = arrival(events, []);
        const shuffled = arrival(
          events,
          drawn.map(([, ms]) => ms),
        );
        expect(runEngine(made, events, inOrder)).toEqual(expected);
        expect(runEngine(made, events, shuffled)).toEqual(expected);
      }),
      { numRuns: 40 },
    );
    // A comparison of nothing with nothing would pass as well.
    expect(fired).toBeGreaterThan(100);
  });
});
