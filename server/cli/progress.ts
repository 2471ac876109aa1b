/** How often a long step says that it goes on, where no terminal can redraw a line. */
const heartbeatMs = 10_000;
const redrawMs = 100;
const frames = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];

const seconds = (sinceMs: number) => `${((performance.now() - sinceMs) / 1000).toFixed(1)} s`;

/**
 * Runs one long step and shows on standard error that it runs: a turning mark in a terminal, a line
 * every ten seconds elsewhere, and how long it took at the end.
 */
export async function showStep<T>(label: string, work: () => Promise<T>): Promise<T> {
  const startedMs = performance.now();
  const isTerminal = process.stderr.isTTY;
  const clear = isTerminal ? '\r\u001b[2K' : '';
  let frame = 0;
  const timer = setInterval(
    () => {
      const mark = frames[frame++ % frames.length] ?? '';
      const line = `${mark} ${label} (${seconds(startedMs)})`;
      process.stderr.write(isTerminal ? `${clear}${line}` : `  ${label} … ${seconds(startedMs)}\n`);
    },
    isTerminal ? redrawMs : heartbeatMs,
  );
  timer.unref();
  try {
    const result = await work();
    process.stderr.write(`${clear}✓ ${label} (${seconds(startedMs)})\n`);
    return result;
  } catch (error) {
    process.stderr.write(`${clear}✗ ${label} (${seconds(startedMs)})\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
