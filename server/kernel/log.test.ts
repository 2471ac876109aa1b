import { Writable } from 'node:stream';
import { DrizzleQueryError } from 'drizzle-orm';
import { describe, expect, it } from 'vitest';
import { createLog } from './log.ts';

/** The one line that a logger writes of an error. */
function lineOf(error: Error): Record<string, unknown> {
  const lines: string[] = [];
  const into = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      lines.push(chunk.toString());
      done();
    },
  });
  createLog('info', 'test', into).error({ err: error }, 'failed');
  expect(lines).toHaveLength(1);
  return JSON.parse(lines[0] ?? '') as Record<string, unknown>;
}

/** As Postgres tells of a row that it refused: with the row. */
const refusal = () =>
  Object.assign(new Error('new row violates check constraint "amount"'), {
    code: '23514',
    constraint_name: 'amount',
    detail: 'Failing row contains (17, hunter2).',
    where: 'JSON data, line 1: hunter2',
    query: 'insert into notes values ($1)',
    parameters: ['hunter2'],
  });

const failed = () =>
  new DrizzleQueryError('insert into notes values ($1)', ['a\nhunter2\nb'], refusal());

describe('an error in the log', () => {
  it.each<[string, Error]>([
    ['a query that failed', failed()],
    ['what a query that failed caused', new Error(failed().message, { cause: failed() })],
    ['twice removed', new Error('x', { cause: new Error(failed().message, { cause: failed() }) })],
    ['what Postgres said itself', refusal()],
  ])('%s: keeps what went wrong and no value', (_name, error) => {
    const line = lineOf(error);
    const text = JSON.stringify(line);
    expect(text).not.toContain('hunter2');
    expect(text).toContain('new row violates check constraint');
    expect(text).toContain('log.test.ts');
  });

  it('keeps the statement and the code', () => {
    expect(lineOf(failed())).toMatchObject({
      err: { message: expect.stringContaining('Failed query: insert into notes values ($1)') },
    });
    expect(lineOf(refusal())).toMatchObject({ err: { code: '23514', constraint_name: 'amount' } });
  });
});
