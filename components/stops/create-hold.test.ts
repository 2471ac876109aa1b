import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createHold, holdMs } from './create-hold.ts';

function make() {
  const steps: (number | null)[] = [];
  const held = vi.fn();
  const made = createHold();
  const told = { onStep: (step: number | null) => void steps.push(step), onHeld: held };
  const hold = { ...made, press: (by: string) => made.press(by, told) };
  return { steps, held, hold };
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe('createHold', () => {
  it('counts a press that lasts, once', () => {
    const { steps, held, hold } = make();
    hold.press('pointer');
    vi.advanceTimersByTime(holdMs - 1);
    expect(held).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(held).toHaveBeenCalledOnce();
    expect(steps).toEqual([0, 1, 2, null]);
    vi.advanceTimersByTime(10 * holdMs);
    expect(held).toHaveBeenCalledOnce();
  });

  it('does nothing when it is let go early', () => {
    const { steps, held, hold } = make();
    hold.press(' ');
    vi.advanceTimersByTime(holdMs - 1);
    hold.release(' ');
    vi.advanceTimersByTime(10 * holdMs);
    expect(held).not.toHaveBeenCalled();
    expect(steps.at(-1)).toBeNull();
  });

  it('does not add up two short presses', () => {
    const { held, hold } = make();
    for (let press = 0; press < 3; press += 1) {
      hold.press('Enter');
      vi.advanceTimersByTime(holdMs - 100);
      hold.release('Enter');
    }
    expect(held).not.toHaveBeenCalled();
  });

  it('is not begun anew or ended by a second key', () => {
    const { held, hold } = make();
    hold.press(' ');
    vi.advanceTimersByTime(holdMs / 2);
    hold.press('Enter');
    hold.release('Enter');
    vi.advanceTimersByTime(holdMs / 2);
    expect(held).toHaveBeenCalledOnce();
  });

  it('ends when the focus or the page is lost', () => {
    const { held, hold } = make();
    hold.press('pointer');
    hold.cancel();
    vi.advanceTimersByTime(10 * holdMs);
    expect(held).not.toHaveBeenCalled();
  });
});
