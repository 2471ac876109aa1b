import { type Figure, note, printFigure } from './figure.ts';
import { type Stack, startStack } from './stack.ts';

/** Every bench by its name; each is loaded only when it is run. */
const benches: Readonly<Record<string, () => Promise<(stack: Stack) => Promise<Figure[]>>>> = {
  ingest: async () => (await import('./ingest.ts')).benchIngest,
};

async function main(asked: readonly string[]): Promise<number> {
  const unknown = asked.filter((name) => !Object.hasOwn(benches, name));
  if (unknown.length > 0) {
    note(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
    return 2;
  }
  const names = asked.length === 0 ? Object.keys(benches) : asked;
  let failures = 0;
  for (const name of names) {
    note(`bench ${name} …`);
    // Each on a product of its own: no bench inherits another's rows.
    const stack = await startStack();
    try {
      const bench = await benches[name]?.();
      for (const figure of (await bench?.(stack)) ?? []) printFigure(figure);
    } catch (error) {
      failures += 1;
      note(`bench ${name} failed: ${error instanceof Error ? error.stack : String(error)}`);
    } finally {
      await stack.close();
    }
  }
  return failures === 0 ? 0 : 1;
}

process.exit(await main(process.argv.slice(2)));
