import { describe, expect, it } from 'vitest';
import { readProblem, type Problem } from './read-problem.ts';

const trpcError = (code: string, message = 'Say it so.') =>
  Object.assign(new Error(message), { data: { code, requestId: 'req_1' } });

describe('readProblem', () => {
  it.each<[string, Problem['kind'], boolean]>([
    ['UNAUTHORIZED', 'signed-out', false],
    ['FORBIDDEN', 'denied', false],
    ['NOT_FOUND', 'missing', false],
    ['CONFLICT', 'conflict', false],
    ['PRECONDITION_FAILED', 'conflict', false],
    ['BAD_REQUEST', 'invalid', false],
    ['INTERNAL_SERVER_ERROR', 'failed', false],
    ['SERVICE_UNAVAILABLE', 'failed', true],
    ['TOO_MANY_REQUESTS', 'failed', true],
    ['SOMETHING_NEW', 'failed', false],
    ['constructor', 'failed', false],
  ])('%s is %s', (code, kind, isPassing) => {
    expect(readProblem(trpcError(code))).toEqual({
      kind,
      sentence: 'Say it so.',
      requestId: 'req_1',
      isPassing,
    });
  });

  it('never shows an empty sentence', () => {
    expect(readProblem(trpcError('CONFLICT', '')).sentence).toBe('Something failed.');
  });

  it.each([[new TypeError('Failed to fetch')], [null], [undefined], ['text'], [{ data: {} }]])(
    '%j means that the server was not reached',
    (error) => {
      expect(readProblem(error)).toMatchObject({
        kind: 'failed',
        requestId: null,
        isPassing: true,
      });
    },
  );
});
