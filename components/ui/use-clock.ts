'use client';

import { useSyncExternalStore } from 'react';
import { useDisplaySettings } from './display-settings-provider.tsx';

const tickMs = 1000;
const listeners = new Set<() => void>();
let timer: ReturnType<typeof setInterval> | null = null;

function tick(): void {
  if (document.visibilityState === 'hidden') return;
  for (const listener of listeners) listener();
}

/** One timer for the whole page, running only while somebody looks at the time. */
function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  timer ??= setInterval(tick, tickMs);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0 || timer === null) return;
    clearInterval(timer);
    timer = null;
  };
}

/**
 * What `read` makes of the present, kept up to date; a component renders again only when that
 * changes, so a hundred relative times cost a render each only when their words do. On the server
 * and while hydrating, the present is the instant at which the server drew the page.
 */
export function useClock<Value extends string | number | boolean>(
  read: (nowMs: number) => Value,
): Value {
  const { serverNowMs } = useDisplaySettings();
  return useSyncExternalStore(
    subscribe,
    () => read(Date.now()),
    () => read(serverNowMs),
  );
}

const never = () => () => undefined;

/** False on the server and while hydrating, true ever after: what only the browser knows may show. */
export function useIsBrowser(): boolean {
  return useSyncExternalStore(
    never,
    () => true,
    () => false,
  );
}
