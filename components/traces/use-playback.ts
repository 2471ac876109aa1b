'use client';

import { useEffect, useEffectEvent, useState } from 'react';
import { advancePlayback, type PlaybackSpeed, stepMoment } from './prepare-playback.ts';

/** Thirty pictures a second: more is not seen, and each draws the rows anew. */
const frameMs = 33;

export interface Playback {
  /** The moment that is shown; null for the end, where everything has happened. */
  readonly atUs: number | null;
  readonly isPlaying: boolean;
  readonly speed: PlaybackSpeed;
  readonly setSpeed: (speed: PlaybackSpeed) => void;
  readonly stopsAtMarks: boolean;
  readonly setStopsAtMarks: (stops: boolean) => void;
  readonly toggle: () => void;
  readonly step: (step: 1 | -1) => void;
  /** Goes to a moment and stays there; null leaves playback. */
  readonly seek: (atUs: number | null) => void;
}

/**
 * Plays a trace back. The moment lies in the URL (`atUs`, `onSeek`) whenever it stands still; while
 * it plays it lies here, because browsers refuse thirty changes of the address a second.
 */
export function usePlayback(options: {
  readonly moments: readonly number[];
  readonly breakpoints: ReadonlySet<number>;
  readonly atUs: number | null;
  readonly onSeek: (atUs: number | null) => void;
}): Playback {
  const { moments, atUs, onSeek } = options;
  const [playing, setPlaying] = useState<{ atUs: number; carriedMs: number } | null>(null);
  const [speed, setSpeed] = useState<PlaybackSpeed>(1);
  const [stopsAtMarks, setStopsAtMarks] = useState(true);
  const none: ReadonlySet<number> = new Set();

  const advance = useEffectEvent((elapsedMs: number) => {
    if (playing === null) return;
    const breakpoints = stopsAtMarks ? options.breakpoints : none;
    const place = advancePlayback(moments, breakpoints, playing, elapsedMs, speed);
    if (place.isStopped) {
      setPlaying(null);
      onSeek(place.atUs);
    } else setPlaying(place);
  });
  const isPlaying = playing !== null;
  useEffect(() => {
    if (!isPlaying) return undefined;
    let lastMs = performance.now();
    let frame = 0;
    const draw = (nowMs: number) => {
      if (nowMs - lastMs >= frameMs) {
        advance(nowMs - lastMs);
        lastMs = nowMs;
      }
      frame = requestAnimationFrame(draw);
    };
    frame = requestAnimationFrame(draw);
    return () => cancelAnimationFrame(frame);
  }, [isPlaying]);

  const shownUs = playing?.atUs ?? atUs;
  const seek = (nextUs: number | null) => {
    setPlaying(null);
    onSeek(nextUs);
  };
  return {
    atUs: shownUs,
    isPlaying,
    speed,
    setSpeed,
    stopsAtMarks,
    setStopsAtMarks,
    seek,
    step: (step) => {
      const last = moments.at(-1) ?? 0;
      const nextUs = stepMoment(moments, shownUs ?? last, step);
      if (nextUs !== null) seek(nextUs);
    },
    toggle: () => {
      if (playing !== null) {
        seek(playing.atUs);
        return;
      }
      const first = moments[0];
      if (first === undefined) return;
      const isAtEnd = atUs === null || atUs >= (moments.at(-1) ?? 0);
      setPlaying({ atUs: isAtEnd ? first : atUs, carriedMs: 0 });
    },
  };
}
