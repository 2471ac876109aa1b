import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { joinFilters } from '#server/detection/join-filters.ts';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { compileText } from '#server/detection/sigma/compile-text.ts';
import { parseSource } from '#server/detection/sigma/parse-source.ts';
import { PreparedEvent, readerOf } from '#server/detection/sigma/prepared-event.ts';

/** Real rules, events and fixtures of the Sigma project, read in place (never copied here). */
const root = process.env['SIGNALBOX_TESTDATA'];
const sigma = path.join(root ?? '', 'sigma');

function read(...parts: string[]): string {
  return readFileSync(path.join(sigma, ...parts), 'utf8');
}

function list(...parts: string[]): string[] {
  return readdirSync(path.join(sigma, ...parts)).filter((name) => name.endsWith('.yml'));
}

/** JSON objects one after the other in one file, as some of the recorded events are. */
function parseObjects(text: string): unknown[] {
  return text
    .split(/(?<=^\})\s*(?=^\{)/m)
    .filter((part) => part.trim() !== '')
    .map((part): unknown => JSON.parse(part));
}

function recordOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** A Windows event under the names that rules use: Provider_Name for the attribute Name, and so on. */
function flatten(event: unknown): Record<string, unknown> {
  const { System, EventData, UserData } = recordOf(recordOf(event)['Event']);
  const flat: Record<string, unknown> = {};
  for (const [name, value] of Object.entries(recordOf(System))) {
    const attributes = recordOf(recordOf(value)['#attributes']);
    if (recordOf(value)['#text'] !== undefined) flat[name] = recordOf(value)['#text'];
    else if (typeof value !== 'object') flat[name] = value;
    for (const [key, attribute] of Object.entries(attributes)) flat[`${name}_${key}`] = attribute;
  }
  // "Use them as they appear in the log source and strip all spaces."
  for (const [name, value] of Object.entries({ ...recordOf(EventData), ...recordOf(UserData) })) {
    flat[name.replaceAll(' ', '')] = value;
  }
  const data = recordOf(flat['Data'])['#text'];
  if (data !== undefined) flat['Data'] = data;
  return flat;
}

interface IndexRow {
  readonly rule_id: string;
  readonly event_file: string;
}

describe.skipIf(root === undefined)('real Sigma material', () => {
  const rules = root === undefined ? [] : list('rules');

  it('is there', () => {
    expect(rules).toHaveLength(150);
  });

  it.each(rules)('compiles %s', (name) => {
    const result = compileSource(read('rules', name));
    expect(result.ok ? [] : result.problems).toEqual([]);
  });

  it('matches every recorded event with its rule', () => {
    const sources = new Map<string, string>();
    for (const name of rules) {
      const text = read('rules', name);
      const id = /^id:\s*(\S+)/m.exec(text)?.[1];
      if (id !== undefined) sources.set(id, text);
    }
    const rows = read('events', 'index.jsonl')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line) as IndexRow);
    const missed = rows.filter((row) => {
      const result = compileSource(sources.get(row.rule_id) ?? '');
      const events = parseObjects(read(row.event_file)).map(
        (event) => new PreparedEvent(readerOf(flatten(event))),
      );
      if (!result.ok || result.main.kind !== 'detection') return true;
      const { matches } = result.main;
      return !events.some((event) => matches(event));
    });
    expect(rows).toHaveLength(60);
    expect(missed).toEqual([]);
  });

  it('matches hardly any recorded event with the rule of another', () => {
    const compiled = rules.flatMap((name) => {
      const result = compileSource(read('rules', name));
      return result.ok && result.main.kind === 'detection' ? [result.main] : [];
    });
    const files = readdirSync(path.join(sigma, 'events')).filter((name) => name.endsWith('.json'));
    const hits = files.map((name) => {
      const events = parseObjects(read('events', name)).map(
        (event) => new PreparedEvent(readerOf(flatten(event))),
      );
      // Rules of other products read fields that a Windows record lacks, as a log source would tell.
      return compiled.filter(
        (rule) =>
          rule.logsource.product === 'windows' && events.some((event) => rule.matches(event)),
      ).length;
    });
    expect(Math.min(...hits)).toBeGreaterThanOrEqual(1);
    expect(hits.reduce((sum, count) => sum + count, 0)).toBeLessThan(60 * 4);
  });

  it.each(['rules', 'filter'])('reads the specification’s fixtures of %s', (kind) => {
    for (const name of list('spec', 'tests', 'schema', kind)) {
      const result = compileSource(read('spec', 'tests', 'schema', kind, name));
      const codes = result.ok ? [] : result.problems.map((problem) => problem.message);
      // A filter alone is read whole, and then has nothing to filter.
      expect(codes).toEqual(kind === 'filter' ? ['This source has filters but no rule.'] : []);
    }
  });

  it('reads the specification’s correlations as far as the rules they refer to', () => {
    for (const name of list('spec', 'tests', 'schema', 'correlation')) {
      const result = compileSource(read('spec', 'tests', 'schema', 'correlation', name));
      expect(result.ok ? 'ok' : result.problems[0]?.code).toBe('unknown_rule');
    }
  });

  it('compiles the specification’s filters as sources of their own', () => {
    for (const name of list('spec', 'tests', 'schema', 'filter')) {
      const result = compileText(read('spec', 'tests', 'schema', 'filter', name));
      expect(result).toMatchObject({
        ok: true,
        kind: 'filter',
        advice: [{ code: 'ambiguous_filter' }],
      });
    }
  });

  it('puts the specification’s filters on the rules that they name', () => {
    const named = ['6f3e2987-db24-4c78-a860-b4f4095a7095', 'df0841c0-9846-4e9f-ad8a-7df91571771b'];
    const rules = (logsource: string) =>
      named.map((id) => ({
        ruleId: id,
        name: id,
        source: `title: ${id}\nid: ${id}\nlogsource: ${logsource}\ndetection: { s: { f: a }, condition: s }\n`,
        isEnabled: true,
      }));
    const reachOf = (file: string, logsource: string) => {
      const source = read('spec', 'tests', 'schema', 'filter', file);
      const filter = { ruleId: 'filter', name: 'filter', source };
      return joinFilters(rules(logsource), [filter]).reachOf('filter');
    };
    const all = { shapes: named.map((ruleId) => ({ ruleId })), unfound: [] };
    expect(
      reachOf('filter_1.yml', '{ category: process_creation, product: windows }'),
    ).toMatchObject(all);
    expect(reachOf('filter_ecs.yml', '{ category: network, service: dns }')).toMatchObject(all);
    expect(reachOf('filter_ecs.yml', '{ category: file_event }')).toMatchObject({
      shapes: [],
      unfound: named.map((name) => ({ name })),
    });
  });

  it('compiles the specification’s correlations together with rules of the names they give', () => {
    for (const name of list('spec', 'tests', 'schema', 'correlation')) {
      const text = read('spec', 'tests', 'schema', 'correlation', name);
      const [item] = parseSource(text).documents;
      const named = item?.kind === 'correlation' ? item.document.correlation.rules : [];
      const rules = named.map(
        (rule) =>
          `title: ${rule}\nname: ${rule}\nlogsource: {}\ndetection: { s: { f: a }, condition: s }\n`,
      );
      const result = compileSource([`${text}\n`, ...rules].join('---\n'));
      expect(result).toMatchObject({ ok: true, main: { kind: 'correlation', inputs: named } });
    }
  });

  it('compiles the specification’s chain of failed log-ins', () => {
    const result = compileSource(read('correlation-examples', '09.yml'));
    expect(result.ok ? result.rules.map((rule) => [rule.key, rule.isAlerting]) : result).toEqual([
      ['failed_login', false],
      ['multiple_failed_login', false],
      ['successful_login', false],
      ['b180ead8-d58f-40b2-ae54-c8940995b9b6', true],
    ]);
  });
});
