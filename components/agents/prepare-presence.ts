/** What an agent's last sign of life says. Silence is told as silence, never as "stopped". */
export type Presence = 'reporting' | 'quiet' | 'silent' | 'never';

const minuteMs = 60_000;
/** Exporters send in batches, up to a minute apart: less says nothing. */
const reportingMs = 5 * minuteMs;
const quietMs = 24 * 60 * minuteMs;

/** How present an agent is at `nowMs`, by when we last received an event of it. */
export function presenceOf(lastSeenAt: string | null, nowMs: number): Presence {
  if (lastSeenAt === null) return 'never';
  const silentMs = nowMs - Date.parse(lastSeenAt);
  if (silentMs < reportingMs) return 'reporting';
  return silentMs < quietMs ? 'quiet' : 'silent';
}
