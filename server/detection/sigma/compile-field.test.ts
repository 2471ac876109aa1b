import { Buffer } from 'node:buffer';
import { describe, expect, it } from 'vitest';
import { compileSource } from '#server/detection/sigma/compile-source.ts';
import { PreparedEvent, readerOf } from '#server/detection/sigma/prepared-event.ts';

const placeholders = {
  admins: ['root', 'adm_*'],
  ports: [22, 3389],
  networks: ['10.0.0.0/8', '::1/128'],
  texts: ['a.b', '(c)'],
  many: Array.from({ length: 100 }, (_, at) => at),
};

function ruleOf(selection: unknown): string {
  return JSON.stringify({
    title: 't',
    logsource: {},
    detection: { s: selection, condition: 's' },
    signalbox: { placeholders },
  });
}

/** Compiles one selection (JSON is YAML) and runs it over one event. */
function run(selection: unknown, event: unknown): boolean {
  const result = compileSource(ruleOf(selection));
  if (!result.ok) throw new Error(result.problems.map((problem) => problem.message).join());
  if (result.main.kind !== 'detection') throw new Error('not a detection');
  return result.main.matches(new PreparedEvent(readerOf(event)));
}

function problemOf(selection: unknown): string | null {
  const result = compileSource(ruleOf(selection));
  return result.ok ? null : (result.problems[0]?.code ?? 'none');
}

function base64(text: string, encoding: BufferEncoding = 'utf8'): string {
  return Buffer.from(text, encoding).toString('base64');
}

type Row = readonly [what: string, selection: unknown, event: unknown, expected: boolean];

const values: readonly Row[] = [
  ['text ignores case', { f: 'ABC' }, { f: 'abc' }, true],
  ['text is whole', { f: 'ab' }, { f: 'abc' }, false],
  ['wildcard', { f: 'a*' }, { f: 'ABC' }, true],
  ['one character', { f: 'a?c' }, { f: 'abc' }, true],
  ['list is or', { f: ['x', 'b'] }, { f: 'b' }, true],
  ['list misses', { f: ['x', 'y'] }, { f: 'b' }, false],
  ['map is and', { f: 'a', g: 'b' }, { f: 'a', g: 'b' }, true],
  ['map misses', { f: 'a', g: 'b' }, { f: 'a', g: 'c' }, false],
  ['list of maps is or', [{ f: 'x' }, { g: 'b' }], { f: 'a', g: 'b' }, true],
  ['number against number', { f: 7 }, { f: 7 }, true],
  ['number against text', { f: 7 }, { f: '7' }, true],
  ['number against padded text', { f: 7 }, { f: '007' }, true],
  ['number against other text', { f: 7 }, { f: '7a' }, false],
  ['text against number', { f: '7' }, { f: 7 }, true],
  ['boolean against boolean', { f: true }, { f: true }, true],
  ['boolean against text', { f: true }, { f: 'True' }, true],
  ['boolean against other', { f: true }, { f: false }, false],
  ['empty text', { f: '' }, { f: '' }, true],
  ['empty text is not absence', { f: '' }, {}, false],
  ['null is absence', { f: null }, {}, true],
  ['null is null', { f: null }, { f: null }, true],
  ['null is not empty text', { f: null }, { f: '' }, false],
  ['null is not a value', { f: null }, { f: 0 }, false],
  ['any text needs the field', { f: '*' }, {}, false],
  ['any text takes empty', { f: '*' }, { f: '' }, true],
  ['names are exact', { F: 'a' }, { f: 'a' }, false],
  ['dots in a name', { 'a.b': 'x' }, { 'a.b': 'x' }, true],
  ['dots lead downwards', { 'a.b': 'x' }, { a: { b: 'x' } }, true],
  ['dots through a list', { 'a.b': 'x' }, { a: [{ b: 'y' }, { b: 'x' }] }, true],
  ['a key with dots below', { 'a.b.c': 'x' }, { a: { 'b.c': 'x' } }, true],
  ['any element of a list', { f: 'b' }, { f: ['a', 'b'] }, true],
  ['an object reads as its leaves', { 'a|contains': 'x' }, { a: { b: { c: 'axb' } } }, true],
  ['prototype keys are no fields', { 'constructor|exists': true }, {}, false],
];

const keywords: readonly Row[] = [
  ['keyword anywhere', ['evil'], { f: { g: 'some EVIL text' } }, true],
  ['keyword nowhere', ['evil'], { f: 'good' }, false],
  ['keywords are or', ['x', 'evil'], { f: 'evil' }, true],
  ['keyword with wildcard', ['e*l'], { f: 'xx evil xx' }, true],
  ['keyword number', [4625], { id: 4625 }, true],
  ['all keywords', { '|all': ['a', 'b'] }, { f: 'a', g: 'b' }, true],
  ['all keywords miss', { '|all': ['a', 'b'] }, { f: 'a' }, false],
  ['keyword regex', { '|re': '^a.c$' }, { f: 'x', g: 'abc' }, true],
  ['keywords and maps in one list', ['evil', { f: 'b' }], { f: 'b' }, true],
];

const modifiers: readonly Row[] = [
  ['contains', { 'f|contains': 'B' }, { f: 'abc' }, true],
  ['contains list', { 'f|contains': ['x', 'b'] }, { f: 'abc' }, true],
  ['contains all', { 'f|contains|all': ['a', 'c'] }, { f: 'abc' }, true],
  ['contains all misses', { 'f|contains|all': ['a', 'd'] }, { f: 'abc' }, false],
  ['all over a list of values', { 'f|all': ['a', 'b'] }, { f: ['b', 'a'] }, true],
  ['contains a wildcard', { 'f|contains': 'a*c' }, { f: 'xabcx' }, true],
  ['startswith', { 'f|startswith': 'A' }, { f: 'abc' }, true],
  ['startswith misses', { 'f|startswith': 'b' }, { f: 'abc' }, false],
  ['endswith', { 'f|endswith': 'C' }, { f: 'abc' }, true],
  ['endswith misses', { 'f|endswith': 'b' }, { f: 'abc' }, false],
  ['contains on a number', { 'f|contains': 2 }, { f: 123 }, true],
  ['cased hit', { 'f|cased': 'Ab' }, { f: 'Ab' }, true],
  ['cased miss', { 'f|cased': 'ab' }, { f: 'Ab' }, false],
  ['cased contains', { 'f|contains|cased': 'B' }, { f: 'abc' }, false],
  ['exists', { 'f|exists': true }, { f: null }, true],
  ['exists misses', { 'f|exists': true }, {}, false],
  ['exists false', { 'f|exists': false }, {}, true],
  ['neq', { 'f|neq': 'a' }, { f: 'b' }, true],
  ['neq misses', { 'f|neq': 'a' }, { f: 'A' }, false],
  ['neq of a list', { 'f|neq': ['a', 'b'] }, { f: 'b' }, false],
  ['neq of an absent field', { 'f|neq': 'a' }, {}, true],
  ['neq number', { 'f|neq': 5 }, { f: 6 }, true],
  ['neq contains', { 'f|contains|neq': 'b' }, { f: 'abc' }, false],
  ['re is cased', { 'f|re': 'B' }, { f: 'abc' }, false],
  ['re searches', { 'f|re': 'b' }, { f: 'abc' }, true],
  ['re anchors', { 'f|re': '^b' }, { f: 'abc' }, false],
  ['re|i', { 'f|re|i': 'B' }, { f: 'abc' }, true],
  ['re without m', { 'f|re': '^b$' }, { f: 'a\nb' }, false],
  ['re|m', { 'f|re|m': '^b$' }, { f: 'a\nb' }, true],
  ['re without s', { 'f|re': 'a.b' }, { f: 'a\nb' }, false],
  ['re|s', { 'f|re|s': 'a.b' }, { f: 'a\nb' }, true],
  ['re|i|m|s', { 'f|re|i|m|s': '^A.B$' }, { f: 'x\na\nb' }, true],
  ['re list', { 'f|re': ['x', 'b.'] }, { f: 'abc' }, true],
  ['re all', { 'f|re|all': ['a', 'c$'] }, { f: 'abc' }, true],
  ['windash', { 'f|contains|windash': ' -f ' }, { f: 'cmd /f x' }, true],
  ['windash takes an em dash', { 'f|contains|windash': ' -f ' }, { f: 'cmd —F x' }, true],
  ['windash, slash written', { 'f|windash|contains': ' /f ' }, { f: 'cmd ―f x' }, true],
  ['windash misses', { 'f|contains|windash': ' -f ' }, { f: 'cmd f x' }, false],
  ['without windash', { 'f|contains': ' -f ' }, { f: 'cmd /f x' }, false],
  ['base64', { 'f|base64': 'hello' }, { f: base64('hello') }, true],
  ['base64 contains', { 'f|base64|contains': 'foo' }, { f: `x ${base64('foobar')}` }, true],
  ['base64offset 0', { 'f|base64offset|contains': 'secret' }, { f: base64('secret!!') }, true],
  ['base64offset 1', { 'f|base64offset|contains': 'secret' }, { f: base64('asecret!!') }, true],
  ['base64offset 2', { 'f|base64offset|contains': 'secret' }, { f: base64('aasecret!!') }, true],
  ['base64offset 5', { 'f|base64offset|contains': 'secret' }, { f: base64('12345secret') }, true],
  ['base64offset misses', { 'f|base64offset|contains': 'secret' }, { f: base64('other') }, false],
  [
    'wide base64offset',
    { 'f|wide|base64offset|contains': 'ping' },
    { f: base64('x ping y', 'utf16le') },
    true,
  ],
  [
    'utf16le base64offset',
    { 'f|utf16le|base64offset|contains': 'ping' },
    { f: base64('ping', 'utf16le') },
    true,
  ],
  ['utf16be', { 'f|utf16be|base64': 'a' }, { f: Buffer.from([0, 0x61]).toString('base64') }, true],
  [
    'utf16 has a mark',
    { 'f|utf16|base64': 'a' },
    { f: Buffer.from([0xff, 0xfe, 0x61, 0]).toString('base64') },
    true,
  ],
  ['lt', { 'f|lt': 5 }, { f: 4 }, true],
  ['lt misses', { 'f|lt': 5 }, { f: 5 }, false],
  ['lte', { 'f|lte': 5 }, { f: 5 }, true],
  ['gt', { 'f|gt': 5 }, { f: '5.5' }, true],
  ['gt misses', { 'f|gt': 5 }, { f: 5 }, false],
  ['gte', { 'f|gte': 5 }, { f: 5 }, true],
  ['gt of text', { 'f|gt': 5 }, { f: 'many' }, false],
  ['gt of an absent field', { 'f|gt': 5 }, {}, false],
  ['gte of one in a list', { 'f|gte': 5 }, { f: [1, 9] }, true],
  ['cidr v4', { 'f|cidr': '10.0.0.0/8' }, { f: '10.9.8.7' }, true],
  ['cidr v4 misses', { 'f|cidr': '10.0.0.0/8' }, { f: '11.0.0.1' }, false],
  ['cidr list', { 'f|cidr': ['10.0.0.0/8', '192.168.0.0/16'] }, { f: '192.168.1.1' }, true],
  ['cidr v6', { 'f|cidr': 'fe80::/10' }, { f: 'fe80::1%eth0' }, true],
  ['cidr v6 misses', { 'f|cidr': '::1/128' }, { f: '::2' }, false],
  ['cidr mapped v4', { 'f|cidr': '127.0.0.0/8' }, { f: '::ffff:127.0.0.1' }, true],
  ['cidr of no address', { 'f|cidr': '10.0.0.0/8' }, { f: 'host' }, false],
  ['fieldref', { 'f|fieldref': 'g' }, { f: 'A', g: 'a' }, true],
  ['fieldref misses', { 'f|fieldref': 'g' }, { f: 'a', g: 'b' }, false],
  ['fieldref of absent fields', { 'f|fieldref': 'g' }, {}, false],
  ['fieldref neq', { 'f|fieldref|neq': 'g' }, { f: 'a', g: 'b' }, true],
  ['fieldref contains', { 'f|fieldref|contains': 'g' }, { f: 'xay', g: 'A' }, true],
  ['fieldref cased', { 'f|fieldref|cased': 'g' }, { f: 'A', g: 'a' }, false],
  ['expand to one of a list', { 'f|expand': '%admins%' }, { f: 'ROOT' }, true],
  ['expand keeps wildcards', { 'f|expand': '%admins%' }, { f: 'adm_bob' }, true],
  ['expand misses', { 'f|expand': '%admins%' }, { f: 'bob' }, false],
  ['expand inside a text', { 'f|expand': 'u:%admins%@x' }, { f: 'u:root@x' }, true],
  ['expand twice', { 'f|expand': '%admins%/%ports%' }, { f: 'root/3389' }, true],
  ['expand keeps numbers', { 'f|expand': '%ports%' }, { f: '022' }, true],
  ['expand contains', { 'f|expand|contains': '%admins%' }, { f: 'x root y' }, true],
  ['expand beside values', { 'f|expand': ['bob', '%admins%'] }, { f: 'bob' }, true],
  ['expand all', { 'f|contains|all|expand': ['%admins%', '%ports%'] }, { f: 'root 22' }, true],
  ['expand all misses', { 'f|contains|all|expand': ['%admins%', '%ports%'] }, { f: 'root' }, false],
  ['expand neq', { 'f|expand|neq': '%admins%' }, { f: 'root' }, false],
  ['expand cidr', { 'f|cidr|expand': '%networks%' }, { f: '10.1.1.1' }, true],
  ['expand numbers to bounds', { 'f|gte|expand': '%ports%' }, { f: 22 }, true],
  ['expand in a pattern is plain', { 'f|re|expand': '^%texts%$' }, { f: 'a.b' }, true],
  ['expand in a pattern is no pattern', { 'f|re|expand': '^%texts%$' }, { f: 'axb' }, false],
  ['a percent sign without expand', { f: '%admins%' }, { f: '%admins%' }, true],
  ['minute', { 't|minute': 7 }, { t: '2026-01-02T03:07:00Z' }, true],
  ['hour with comparison', { 't|hour|gte': 22 }, { t: '2026-01-02T23:07:00Z' }, true],
  ['hour in another zone', { 't|hour': 22 }, { t: '2026-01-02T23:07:00+01:00' }, true],
  ['hour without a zone', { 't|hour': 23 }, { t: '2026-01-02 23:07:00' }, true],
  ['hour of milliseconds', { 't|hour': 1 }, { t: 3_600_000 }, true],
  ['day', { 't|day': 2 }, { t: '2026-01-02' }, true],
  ['week', { 't|week': 53 }, { t: '2027-01-02T00:00:00Z' }, true],
  ['week one', { 't|week': 1 }, { t: '2025-12-29T00:00:00Z' }, true],
  ['month', { 't|month': 11 }, { t: '2026-11-22T08:00:00Z' }, true],
  ['year', { 't|year': 2026 }, { t: '2026-11-22T08:00:00Z' }, true],
  ['year neq', { 't|year|neq': 2026 }, { t: '2025-11-22T08:00:00Z' }, true],
  ['time of no date', { 't|hour': 1 }, { t: 'yesterday' }, false],
];

describe('values', () => {
  it.each(values)('%s', (_, selection, event, expected) => {
    expect(run(selection, event)).toBe(expected);
  });
});

describe('keywords', () => {
  it.each(keywords)('%s', (_, selection, event, expected) => {
    expect(run(selection, event)).toBe(expected);
  });
});

describe('modifiers', () => {
  it.each(modifiers)('%s', (_, selection, event, expected) => {
    expect(run(selection, event)).toBe(expected);
  });
});

const refused: readonly [what: string, selection: unknown, code: string][] = [
  ['an unknown modifier', { 'f|starts': 'a' }, 'unknown_modifier'],
  ['a placeholder of nothing', { 'f|expand': '%nobody%' }, 'unknown_placeholder'],
  ['a placeholder of the prototype', { 'f|expand': '%constructor%' }, 'unknown_placeholder'],
  ['a placeholder for a field', { 'f|fieldref|expand': '%names%' }, 'modifier_conflict'],
  ['combinations without end', { 'f|expand': '%many%%many%%many%' }, 'too_large'],
  ['all of one value', { 'f|contains|all': ['a'] }, 'modifier_conflict'],
  ['all of a single value', { 'f|contains|all': 'a' }, 'modifier_conflict'],
  ['two shapes', { 'f|contains|endswith': 'a' }, 'modifier_conflict'],
  ['an encoding after contains', { 'f|contains|base64': 'a' }, 'modifier_conflict'],
  ['a flag without re', { 'f|i': 'a' }, 'modifier_conflict'],
  ['a regex that contains', { 'f|re|contains': 'a' }, 'modifier_conflict'],
  ['windash and base64', { 'f|windash|base64': '-a' }, 'modifier_conflict'],
  ['neq and lt', { 'f|lt|neq': 5 }, 'modifier_conflict'],
  ['gt without a field', { '|gt': 5 }, 'modifier_conflict'],
  ['gt of a text', { 'f|gt': '5' }, 'value_type'],
  ['exists of a text', { 'f|exists': 'yes' }, 'value_type'],
  ['no network', { 'f|cidr': '10.0.0.1' }, 'value_type'],
  ['a network too wide', { 'f|cidr': '10.0.0.0/33' }, 'value_type'],
  ['null in a list', { f: ['a', null] }, 'value_type'],
  ['null under a modifier', { 'f|contains': null }, 'value_type'],
  ['a wildcard under base64', { 'f|base64': 'a*' }, 'pattern'],
  ['a broken regex', { 'f|re': '(' }, 'pattern'],
  ['a look-ahead', { 'f|re': 'a(?=b)' }, 'pattern'],
  ['a regex number', { 'f|re': 5 }, 'value_type'],
  ['a long regex', { 'f|re': 'a'.repeat(2000) }, 'too_large'],
  ['a huge regex', { 'f|re': '(abcdefghijklmnop){900}' }, 'too_large'],
  ['many wildcards', { f: 'a*'.repeat(100) }, 'too_large'],
  ['a long value', { f: 'a'.repeat(5000) }, 'too_large'],
  ['an empty list', { f: [] }, 'shape'],
  ['an empty map', {}, 'shape'],
  ['a nested map', { f: { g: 'a' } }, 'shape'],
];

describe('refusals', () => {
  it.each(refused)('%s', (_, selection, code) => {
    expect(String(problemOf(selection))).toBe(code);
  });

  it('refuses a number that is not its own double', () => {
    const result = compileSource(
      'title: t\nlogsource: {}\ndetection:\n  s:\n    f: 9007199254740993\n  condition: s\n',
    );
    expect(result).toMatchObject({ ok: false, problems: [{ code: 'value_type', line: 5 }] });
  });
});
