import { buffer, text } from 'node:stream/consumers';
import { describe, expect, it } from 'vitest';
import { type Line, plainCell, writeLines } from './write-lines.ts';

async function* from(lines: readonly Line[]): AsyncGenerator<Line> {
  for (const line of lines) yield line;
}

describe('plainCell', () => {
  it.each([
    '=1+1',
    '+1',
    '-1',
    '@SUM(A1)',
    '|cmd',
    '%0A',
    '\t=1',
    '\r=1',
    '\n=1',
    '\n1',
    '\t1',
    ' =1',
    '\u00a0=1',
    '\u200b=1',
    '\u202e=1',
    '＝1',
    '＋1',
    '－1',
    '＠a',
  ])('says of %j that it is text', (cell) => {
    expect(plainCell(cell)).toBe(`'${cell}`);
  });

  it.each(['', 'a=1', '1-2', 'someone@example.com', 'key.created', "'=1", '{"a":1}'])(
    'leaves %j as it is',
    (cell) => {
      expect(plainCell(cell)).toBe(cell);
    },
  );
});

describe('writeLines', () => {
  // ESC begins what a terminal obeys, and so does its one-byte form, which JSON leaves as it is.
  it.each(['csv', 'jsonl'] as const)('writes %s that no terminal obeys', async (format) => {
    const lines = [
      { title: '\u001b[31mred\u009b2J\u007f\u0007', tools: ['\u009b1m'], note: 'a\tb\nc' },
    ];
    const written = await text(writeLines(from(lines), format, ['title', 'tools', 'note']));
    expect(written).not.toMatch(/[^\P{Cc}\t\r\n]/u);
    expect(written).toContain('\\u001b[31mred\\u009b2J\\u007f\\u0007');
    if (format === 'csv') expect(written).toContain('"a\tb\nc"');
    else expect(JSON.parse(written)).toEqual(lines[0]);
  });

  it('writes CSV that keeps quotes, commas and line breaks inside their cells', async () => {
    const lines = [{ id: 'a"b', note: 'x,\ny', n: -5, is: true, none: null, extra: 'not asked' }];
    const columns = ['id', 'note', 'n', 'is', 'none'];
    // As bytes: a text reader would take the byte order mark away.
    const written = await buffer(writeLines(from(lines), 'csv', columns));
    expect(written.toString()).toBe(
      '\ufeff"id","note","n","is","none"\r\n"a""b","x,\ny","-5","true",\r\n',
    );
  });

  it('makes no formula of what a nested value begins with', async () => {
    const written = await text(
      writeLines(from([{ tools: ['=1'], at: { a: 1 } }]), 'csv', ['tools', 'at']),
    );
    expect(written).toContain('"[""=1""]","{""a"":1}"');
  });

  it('writes JSON Lines that read back as they were', async () => {
    const lines = [
      { id: '=1', detail: { a: ['ü', null] } },
      { id: '2', detail: {} },
    ];
    const written = await text(writeLines(from(lines), 'jsonl', ['id']));
    expect(
      written
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line) as Line),
    ).toEqual(lines);
  });

  it.each(['csv', 'jsonl'] as const)('breaks off where the lines do: %s', async (format) => {
    async function* broken(): AsyncGenerator<Line> {
      yield { id: '1' };
      throw new Error('the store went away');
    }
    await expect(text(writeLines(broken(), format, ['id']))).rejects.toThrow('the store went away');
  });

  it('asks for no more lines than it has room for', async () => {
    let asked = 0;
    async function* endless(): AsyncGenerator<Line> {
      for (;;) yield { id: String((asked += 1)) };
    }
    const file = writeLines(endless(), 'csv', ['id']);
    for await (const chunk of file) {
      if (String(chunk).includes('"1"')) break;
    }
    expect(asked).toBeLessThan(50_000);
  });
});
