/**
 * Processor milliseconds that this process spends on `work`: what code costs, however busy the
 * machine is with other things.
 */
export function processorMs(work: () => unknown): number {
  const begin = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(begin);
  return (user + system) / 1000;
}
