/**
 * Things of which a process has exactly one (pools, the live hub). Next's bundle and the Node side
 * load modules separately, so a module-level variable would exist twice; `globalThis` does not.
 */
const registry: Map<string, unknown> = ((
  globalThis as typeof globalThis & { __signalbox?: Map<string, unknown> }
).__signalbox ??= new Map());

/** The one `name` of this process, made by `make` when first asked for. */
export function processSingleton<T>(name: string, make: () => T): T {
  if (!registry.has(name)) registry.set(name, make());
  return registry.get(name) as T;
}

/** Forgets a singleton, so that a stopped server can be started again in the same process. */
export function dropProcessSingleton(name: string): void {
  registry.delete(name);
}
