import { expect, it } from 'vitest';
import { refusalToRecord } from './write-audit.ts';

const withCode = (code: string) => Object.assign(new Error('as the driver says it'), { code });
const isRefusal = (error: Error) => refusalToRecord(error) !== error;

it.each([
  ['a check', withCode('23514'), true],
  ['a missing right', withCode('42501'), true],
  ['a trigger', withCode('P0001'), true],
  ['a check behind a query', new Error('query', { cause: withCode('23514') }), true],
  ['a lost connection', withCode('CONNECTION_CLOSED'), false],
  ['a server that goes down', withCode('57P01'), false],
  ['a statement that took too long', withCode('57014'), false],
  ['a value that is none', withCode('22021'), false],
  ['a deadlock, behind a query', new Error('query', { cause: withCode('40P01') }), false],
  ['a fault of our own', new TypeError('undefined'), false],
])(
  'says that nothing could be recorded only where the row was refused: %s',
  (_, error, expected) => {
    expect(isRefusal(error)).toBe(expected);
  },
);
