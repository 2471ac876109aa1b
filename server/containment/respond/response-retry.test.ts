import { describe, expect, it } from 'vitest';
import { AppError, errorCodes } from '#server/kernel/errors.ts';
import { limits } from '#server/kernel/limits.ts';
import { afterFailure, failureOf, silence } from './response-retry.ts';

const away = Object.assign(new Error('secret of the driver'), { code: 'ECONNREFUSED' });

describe('failureOf', () => {
  it.each([
    ['a refusal', new AppError('conflict', 'Too many stand.'), 'Too many stand.'],
    ['a database that is away', away, 'The database could not be reached.'],
    [
      'one that an error hides',
      new Error('x', { cause: away }),
      'The database could not be reached.',
    ],
    ['anything else', new Error('select 1 from secrets'), /^Something failed on our side/],
    ['what is no error', 'boom', /^Something failed on our side/],
  ])('says of %s what anybody may read', (_name, error, says) => {
    expect(failureOf(error).says).toMatch(says);
    expect(failureOf(error).says).not.toMatch(/secret/);
  });

  it('gives up at once only where another try is refused as well', () => {
    const final = errorCodes.filter((code) => failureOf(new AppError(code, 'x')).isFinal);
    expect(final).toEqual(['forbidden', 'not_found', 'gone']);
    expect(failureOf(away).isFinal).toBe(false);
  });
});

describe('afterFailure', () => {
  const why = { says: 'No.', isFinal: false };

  it('waits twice as long each time, up to a bound, and comes to an end', () => {
    const pauses = Array.from({ length: limits.responseTriesMax }, (_, index) => {
      const after = afterFailure(index + 1, why, false);
      return after.state === 'running' ? after.retryAfterMs : null;
    });
    expect(pauses).toEqual([1000, 2000, 4000, 8000, 16_000, 32_000, 60_000, null]);
  });

  it.each([
    [2, why, false, 'Try 2 of 8 failed: No. It is tried again.'],
    [1, { ...why, isFinal: true }, false, /^Failed after one try: No\. Nothing of it stands\./],
    [8, why, true, /^Failed after 8 tries: No\. What it began stands\. Decide yourself\.$/],
    [9, why, false, /^Failed after 9 tries/],
    [8, silence, false, /^Failed after 8 tries: The worker .* fell silent\./],
  ])('at try %i of %o says what is so', (tries, failure, hasBegun, says) => {
    expect(afterFailure(tries, failure, hasBegun).says).toMatch(says);
  });
});
