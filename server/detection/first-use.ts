import { z } from 'zod';
import { limits } from '#server/kernel/limits.ts';

/** Which tools an agent has ever called; committed with the detector's cursor. */
export const toolHabitSchema = z.object({
  /** Calls seen, up to the floor below which nothing is new. */
  calls: z.number().int().nonnegative(),
  tools: z.array(z.string()),
});
export type ToolHabit = z.infer<typeof toolHabitSchema>;

export const noHabit: ToolHabit = { calls: 0, tools: [] };

/**
 * Takes one call into an agent's habits, in the order of the log. `isFirst` is null while the agent
 * has called too little to have habits, and when it uses more tools than are remembered: a field
 * that is absent fires no rule, a wrong one would.
 */
export function noteCall(
  habit: ToolHabit,
  tool: string,
): { readonly next: ToolHabit; readonly isFirst: boolean | null } {
  const calls = Math.min(habit.calls + 1, limits.firstUseCallsMin + 1);
  const isCold = habit.calls < limits.firstUseCallsMin;
  const counted = calls === habit.calls ? habit : { ...habit, calls };
  if (habit.tools.includes(tool)) return { next: counted, isFirst: isCold ? null : false };
  if (habit.tools.length >= limits.firstUseToolsMax) return { next: counted, isFirst: null };
  return { next: { calls, tools: [...habit.tools, tool] }, isFirst: isCold ? null : true };
}
