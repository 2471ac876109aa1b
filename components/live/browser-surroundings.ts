import type { Surroundings } from './live-connection.ts';

/** Web Locks, BroadcastChannel, visibility and clock of the real browser. */
export function browserSurroundings(): Surroundings {
  const hasShared = 'locks' in navigator && typeof BroadcastChannel === 'function';
  return {
    ...(hasShared ? { lead, channel } : {}),
    isVisible: () => document.visibilityState === 'visible',
    onVisibility: (listener) => {
      document.addEventListener('visibilitychange', listener);
      return () => document.removeEventListener('visibilitychange', listener);
    },
    now: () => Date.now(),
    every: (periodMs, run) => {
      const timer = setInterval(run, periodMs);
      return () => clearInterval(timer);
    },
  };
}

const lead: NonNullable<Surroundings['lead']> = (name, signal, work) => {
  // An aborted wait rejects; that is how a tab which never led leaves the queue.
  navigator.locks.request(name, { signal }, work).catch(() => undefined);
};

const channel: NonNullable<Surroundings['channel']> = (name) => {
  const wire = new BroadcastChannel(name);
  return {
    post: (note) => wire.postMessage(note),
    listen: (onNote) => {
      const hear = (event: MessageEvent) => onNote(event.data);
      wire.addEventListener('message', hear);
      return () => wire.removeEventListener('message', hear);
    },
    close: () => wire.close(),
  };
};
