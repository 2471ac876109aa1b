import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createThrottle } from './throttle.ts';

describe('createThrottle', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  function record() {
    const ran: number[] = [];
    const throttle = createThrottle(100);
    return { ran, throttle, run: (n: number) => throttle.run(() => ran.push(n)) };
  }

  it('runs the first at once', () => {
    const { ran, run } = record();
    run(1);
    expect(ran).toEqual([1]);
  });

  it('runs the last of a burst when the period ends, and nothing between', () => {
    const { ran, run } = record();
    [1, 2, 3].forEach(run);
    vi.advanceTimersByTime(99);
    expect(ran).toEqual([1]);
    vi.advanceTimersByTime(1);
    expect(ran).toEqual([1, 3]);
  });

  it('keeps the period also behind the last one', () => {
    const { ran, run } = record();
    run(1);
    run(2);
    vi.advanceTimersByTime(100);
    run(3);
    expect(ran).toEqual([1, 2]);
    vi.advanceTimersByTime(100);
    expect(ran).toEqual([1, 2, 3]);
  });

  it('runs at once again after a quiet period', () => {
    const { ran, run } = record();
    run(1);
    vi.advanceTimersByTime(100);
    run(2);
    expect(ran).toEqual([1, 2]);
  });

  it('runs nothing more once cancelled, until it is used again', () => {
    const { ran, run, throttle } = record();
    run(1);
    run(2);
    throttle.cancel();
    vi.advanceTimersByTime(1000);
    expect(ran).toEqual([1]);
    run(3);
    expect(ran).toEqual([1, 3]);
  });
});
