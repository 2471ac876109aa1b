import { describe, expect, it } from 'vitest';
import { noHabit, noteCall, toolHabitSchema, type ToolHabit } from '#server/detection/first-use.ts';
import { limits } from '#server/kernel/limits.ts';

function after(calls: readonly string[], habit: ToolHabit = noHabit): ToolHabit {
  return calls.reduce((state, tool) => noteCall(state, tool).next, habit);
}

const settled = after(Array.from({ length: limits.firstUseCallsMin }, () => 'read'));

describe('noteCall', () => {
  it('finds nothing new about an agent without habits', () => {
    expect(noteCall(noHabit, 'read').isFirst).toBeNull();
    const cold = after(Array.from({ length: limits.firstUseCallsMin - 1 }, () => 'read'));
    expect(noteCall(cold, 'pay').isFirst).toBeNull();
  });

  it('tells a first use from a later one', () => {
    const first = noteCall(settled, 'pay');
    expect(first.isFirst).toBe(true);
    expect(noteCall(first.next, 'pay').isFirst).toBe(false);
    expect(noteCall(settled, 'read').isFirst).toBe(false);
  });

  it('remembers a bounded number of tools, and then says nothing', () => {
    const many = Array.from({ length: limits.firstUseToolsMax + 10 }, (_, index) => `t${index}`);
    const full = after(many);
    expect(full.tools).toHaveLength(limits.firstUseToolsMax);
    expect(noteCall(full, 'another').isFirst).toBeNull();
    expect(toolHabitSchema.parse(JSON.parse(JSON.stringify(full)))).toEqual(full);
  });
});
