'use client';

import { Pause, Play, SkipBack, SkipForward } from 'lucide-react';
import { Button } from '../ui/button.tsx';
import { BareSelect } from '../ui/bare-select.tsx';
import { formatDuration } from '../ui/format-quantity.ts';
import { IconButton } from '../ui/icon-button.tsx';

import { momentAt, playbackSpeeds, type PlaybackSpeed } from './prepare-playback.ts';
import type { Playback } from './use-playback.ts';

const speedOptions = playbackSpeeds.map((speed) => ({
  value: String(speed),
  label: `${speed} ×`,
}));

/** Play, step and scrub through the moments of a trace. Space plays, `[` and `]` step. */
export function PlaybackBar(props: {
  readonly playback: Playback;
  readonly moments: readonly number[];
  readonly startUs: number;
  readonly endUs: number;
  /** How many moments playback would stop at. */
  readonly marks: number;
}) {
  const { playback, moments, startUs, endUs } = props;
  const last = moments.length - 1;
  const place = playback.atUs === null ? last : momentAt(moments, playback.atUs);
  const offset = formatDuration(((playback.atUs ?? endUs) - startUs) / 1000);
  const whole = formatDuration((endUs - startUs) / 1000);
  return (
    <div
      role="toolbar"
      aria-label="Playback"
      className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-b border-line px-4 py-1.5"
    >
      <span className="flex items-center gap-0.5">
        <IconButton
          size="sm"
          label="One moment back"
          keys={['[']}
          onClick={() => playback.step(-1)}
          disabledReason={place <= 0 ? 'This is the first moment.' : null}
        >
          <SkipBack />
        </IconButton>
        <IconButton
          size="sm"
          label={playback.isPlaying ? 'Pause' : 'Play back'}
          keys={['Space']}
          look="plain"
          onClick={playback.toggle}
          disabledReason={last < 1 ? 'There is only one moment.' : null}
        >
          {playback.isPlaying ? <Pause /> : <Play />}
        </IconButton>
        <IconButton
          size="sm"
          label="One moment on"
          keys={[']']}
          onClick={() => playback.step(1)}
          disabledReason={place >= last ? 'This is the last moment.' : null}
        >
          <SkipForward />
        </IconButton>
      </span>
      <input
        type="range"
        aria-label="Moment"
        aria-valuetext={`${offset} of ${whole}`}
        min={0}
        max={Math.max(last, 0)}
        value={Math.max(place, 0)}
        onChange={(event) => playback.seek(moments[Number(event.target.value)] ?? null)}
        className="h-5 min-w-32 flex-1 accent-accent"
      />
      <output className="w-36 text-right text-xs whitespace-nowrap text-ink-muted">
        {offset} <span className="text-ink-faint">of {whole}</span>
      </output>
      <BareSelect
        aria-label="Speed"
        value={String(playback.speed)}
        options={speedOptions}
        onChange={(event) => playback.setSpeed(speedOf(event.target.value))}
        className="h-6 w-20 text-xs"
      />
      <label className="inline-flex items-center gap-1.5 text-xs whitespace-nowrap text-ink-muted">
        <input
          type="checkbox"
          checked={playback.stopsAtMarks}
          onChange={(event) => playback.setStopsAtMarks(event.target.checked)}
          className="accent-accent"
        />
        Stop at alerts, findings and decisions ({props.marks})
      </label>
      <Button
        size="sm"
        look="quiet"
        onClick={() => playback.seek(null)}
        disabledReason={playback.atUs === null ? 'The whole trace is shown.' : null}
      >
        Show all
      </Button>
    </div>
  );
}

function speedOf(text: string): PlaybackSpeed {
  return playbackSpeeds.find((speed) => String(speed) === text) ?? 1;
}
