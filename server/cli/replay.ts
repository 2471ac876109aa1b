import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { Presets, SingleBar } from 'cli-progress';
import { issueKey } from '#server/agents/issue-key.ts';
import { listTenants } from '#server/auth/find-tenant.ts';
import { dataDir, type Env } from '#server/kernel/env.ts';
import type { Db } from '#db/client.ts';
import { contextOf } from './actor.ts';
import { localUrl } from './check-address.ts';
import { type Call, type Command, type ExitCode, textFlag, UsageError } from './command.ts';
import { withOwnerDatabase } from './open-database.ts';
import { replayBase } from './replay-mapping.ts';
import { replayTraces, type ReplaySummary } from './replay-traces.ts';
import { readTraces } from './read-traces.ts';
import { readRunning } from './running.ts';

const keyLifeSeconds = 3600;
/** Rejected events shown one by one; the rest are counted. */
const rejectsShownMax = 10;

function speedOf(call: Call): number | null {
  const given = textFlag(call, 'speed', 'max');
  if (given === 'max') return null;
  const speed = Number(given);
  if (Number.isFinite(speed) && speed > 0) return speed;
  throw new UsageError('--speed is a number above 0, or "max"');
}

function baseOf(call: Call): number {
  const baseMs = Date.parse(textFlag(call, 'base', replayBase));
  if (Number.isNaN(baseMs)) throw new UsageError('--base is a time such as 2026-01-01T00:00:00Z');
  return baseMs;
}

/** The tenant named, or the only one there is. @throws UsageError when that is not clear. */
async function tenantOf(call: Call, db: Db): Promise<string> {
  const named = textFlag(call, 'tenant', '');
  if (named !== '') return named;
  const [first, second] = await listTenants(db);
  if (first && !second) return first.slug;
  throw new UsageError(
    first ? 'there are several tenants: name one with --tenant' : 'there is no tenant yet',
  );
}

/** Where the web answers on this machine, or under its public address. @throws Error when it does not. */
async function findWeb(env: Env): Promise<string> {
  const url = readRunning(dataDir(env))?.url ?? env.SIGNALBOX_URL ?? localUrl(env.HOST, env.PORT);
  const bare = url.replace(/\/+$/, '');
  const answers = await fetch(`${bare}/healthz`, { signal: AbortSignal.timeout(5_000) }).then(
    (response) => response.ok,
    () => false,
  );
  if (answers) return bare;
  throw new Error(`No web answers at ${bare}; start it with "signalbox up".`);
}

/** A bar on standard error, in a terminal only. */
function openBar(): { update: (share: number, summary: ReplaySummary) => void; stop: () => void } {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const bar = new SingleBar(
    {
      stream: process.stderr,
      format:
        '{bar} {percentage}% · {traces} traces · {events} events · {rate}/s · {eta_formatted} left',
      hideCursor: true,
    },
    Presets.shades_classic,
  );
  bar.start(1000, 0, { traces: 0, events: 0, rate: 0 });
  return {
    update: (share, { traces, events, seconds }) =>
      bar.update(Math.round(share * 1000), {
        traces,
        events,
        rate: Math.round(events / Math.max(seconds, 0.001)),
      }),
    stop: () => bar.stop(),
  };
}

async function run(call: Call): Promise<ExitCode> {
  const file = call.positionals[0] ?? '';
  if (!existsSync(file)) throw new UsageError(`there is no file ${file}`);
  const speed = speedOf(call);
  const baseMs = baseOf(call);
  const url = await findWeb(call.env);
  const key = await withOwnerDatabase(call.env, 'replay', async (db) =>
    issueKey(await contextOf(db, await tenantOf(call, db)), {
      kind: 'ingest',
      name: `replay of ${basename(file)}`.slice(0, 80),
      lifeSeconds: keyLifeSeconds,
    }),
  );
  const bar = openBar();
  let shown = 0;
  try {
    const summary = await replayTraces(readTraces(file), {
      door: { url, key: key.key },
      speed,
      baseMs,
      onProgress: bar.update,
      onRejected: (event, code, detail) => {
        shown += 1;
        if (shown <= rejectsShownMax) call.say(`rejected ${event.id}: ${code}: ${detail}`);
      },
    });
    bar.stop();
    call.answer({ ...summary }, textOf(summary));
    return summary.rejected === 0 ? 0 : 1;
  } finally {
    bar.stop();
  }
}

function textOf(summary: ReplaySummary): string {
  const { traces, events, accepted, duplicates, rejected, retried, seconds } = summary;
  const rate = Math.round(events / Math.max(seconds, 0.001));
  return (
    `${traces} traces, ${events} events in ${seconds.toFixed(1)} s (${rate}/s): ` +
    `${accepted} stored, ${duplicates} were there already, ${rejected} rejected, ${retried} retries`
  );
}

/** `signalbox replay FILE`: recorded traces through the public door, as their agents would post. */
export const replayCommand: Command = {
  usage: 'FILE [--tenant T] [--speed N|max] [--base TIME]',
  summary: 'post recorded traces through the public HTTP door of a running Signalbox',
  options: {
    tenant: { type: 'string' },
    speed: { type: 'string' },
    base: { type: 'string' },
  },
  positionalsMin: 1,
  positionalsMax: 1,
  run,
};
