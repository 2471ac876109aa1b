/** `child` holds a foreign key to `parent`. */
export interface Reference {
  readonly child: string;
  readonly parent: string;
}

/**
 * The tables in an order in which their rows may be deleted: whoever points to others first. Pure.
 * @throws Error when tables point at each other in a circle.
 */
export function deletionOrder(
  tables: readonly string[],
  references: readonly Reference[],
): readonly string[] {
  const left = new Set(tables);
  const order: string[] = [];
  while (left.size > 0) {
    const free = [...left].filter(
      (table) =>
        !references.some(
          ({ child, parent }) => parent === table && child !== table && left.has(child),
        ),
    );
    if (free.length === 0) throw new Error(`tables in a circle: ${[...left].join(', ')}`);
    for (const table of free) left.delete(table);
    order.push(...free);
  }
  return order;
}
