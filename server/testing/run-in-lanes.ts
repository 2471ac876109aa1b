/** How many things of the test command run beside each other: what two cores can bear. */
export const lanes = 2;

/**
 * Does `work` for every item, at most `laneCount` at a time, taking the next as soon as a lane is
 * free. Answers in the order of the items. Once one fails, nothing further is begun; what runs is
 * waited for. @throws what the first failing `work` threw
 */
export async function runInLanes<Item, Answer>(
  items: readonly Item[],
  laneCount: number,
  work: (item: Item) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = [];
  const failures: unknown[] = [];
  const waiting = items.entries();
  const lane = async (): Promise<void> => {
    // One iterator for all lanes: each item is taken once.
    for (const [index, item] of waiting) {
      try {
        answers[index] = await work(item);
      } catch (error) {
        failures.push(error);
      }
      if (failures.length > 0) return;
    }
  };
  await Promise.all(Array.from({ length: laneCount }, lane));
  if (failures.length > 0) throw failures[0];
  return answers;
}
